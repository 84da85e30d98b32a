import { CHAIN_IDS, MODEL_IDS, REGIONAL_ENVIRONMENT, deploymentIdFor } from '../../../emulator';

/** One operation of the inference API, with a request that succeeds. */
export interface Operation {
  method: 'GET' | 'POST' | 'DELETE';
  /** As the API document writes it. */
  template: string;
  /** As the emulator serves it. */
  path: string;
  body?: unknown;
  /** The status of the response. */
  status: number;
}

const MODEL = `/model-${MODEL_IDS.sentiment}`;
const CHAIN = `/chain-${CHAIN_IDS.summariseAndScore}`;
const INPUT = { text: 'A lovely day.' };

const ACTIONS = [
  { action: 'predict', host: MODEL, method: 'POST', body: INPUT, status: 200 },
  { action: 'run_remote', host: CHAIN, method: 'POST', body: INPUT, status: 200 },
  {
    action: 'async_predict',
    host: MODEL,
    method: 'POST',
    body: { model_input: INPUT },
    status: 201,
  },
  {
    action: 'async_run_remote',
    host: CHAIN,
    method: 'POST',
    body: { model_input: INPUT },
    status: 201,
  },
  { action: 'async_queue_status', host: MODEL, method: 'GET', body: undefined, status: 200 },
  { action: 'wake', host: MODEL, method: 'POST', body: undefined, status: 202 },
] as const;

const TARGETS = [
  { template: '/production', path: () => '/production', host: '' },
  { template: '/development', path: () => '/development', host: '' },
  { template: '/environments/{env_name}', path: () => '/environments/staging', host: '' },
  {
    template: '/deployment/{deployment_id}',
    path: (host: string) => `/deployment/${deploymentIdFor(host.split('-')[1]!, 'production')}`,
    host: '',
  },
  { template: '', path: () => '', host: `-${REGIONAL_ENVIRONMENT}` },
];

/** Every operation except the two on one async request, which need its ID. */
export const OPERATIONS: Operation[] = ACTIONS.flatMap(({ action, host, method, body, status }) =>
  TARGETS.map((target) => ({
    method,
    template: `${target.template}/${action}`,
    path: `${host}${target.host}${target.path(host)}/${action}`,
    body,
    status,
  })),
);

/** The two operations on the async request `requestId` of the model. */
export const requestOperations = (requestId: string): Operation[] =>
  (['GET', 'DELETE'] as const).map((method) => ({
    method,
    template: '/async_request/{request_id}',
    path: `${MODEL}/async_request/${requestId}`,
    status: 200,
  }));

/** Where an async request of the model is submitted. */
export const SUBMIT_PATH = `${MODEL}/production/async_predict`;

import type { INodeParameters } from 'n8n-workflow';

import { CHAIN_IDS, deploymentIdFor, MODEL_IDS, type Fault } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { HttpState } from '../../nodes/shared/http/state';
import { fakeTime } from '../support/clock';
import { credentialFor, useEmulator } from '../support/emulator';
import { eventually } from '../support/eventually';
import { byId } from '../support/parameters';

/** The nodes' clock, which makes no pauses, and what their requests share. New for each run. */
const mockClock = { time: fakeTime(), state: new HttpState(fakeTime()) };
jest.mock('../../nodes/shared/http/state', () => ({
  ...jest.requireActual<object>('../../nodes/shared/http/state'),
  get PROCESS_STATE() {
    return mockClock.state;
  },
}));

const emulator = useEmulator({ changeMs: 0, limits: { changesPerMinute: 10_000 } });
const MODEL = MODEL_IDS.echo;
const staging = { target: 'environment', environment: byId('staging') };
const ofModel = { ownerType: 'model', modelId: byId(MODEL) };

const READS: Record<string, INodeParameters> = {
  'model.get': { resource: 'model', operation: 'get' },
  'model.getMany': { resource: 'model', operation: 'getMany' },
  'chain.get': { resource: 'chain', operation: 'get', chainId: byId(CHAIN_IDS.echo) },
  'chain.getMany': { resource: 'chain', operation: 'getMany' },
  'deployment.get': { resource: 'deployment', operation: 'get' },
  'deployment.getMany': { resource: 'deployment', operation: 'getMany' },
  'deployment.getLogs': {
    resource: 'deployment',
    operation: 'getLogs',
    target: 'deployment',
    deploymentId: byId(deploymentIdFor(MODEL, 'production')),
  },
  'deployment.getMetrics': { resource: 'deployment', operation: 'getMetrics' },
  'environment.get': { resource: 'environment', operation: 'get', environment: byId('staging') },
  'environment.getMany': { resource: 'environment', operation: 'getMany' },
  'environment.getMetrics': {
    resource: 'environment',
    operation: 'getMetrics',
    environment: byId('staging'),
  },
  'usage.getCosts': { resource: 'usage', operation: 'getCosts' },
  'usage.getTokens': { resource: 'usage', operation: 'getTokens' },
  'modelApi.getMany': { resource: 'modelApi', operation: 'getMany' },
  'managementApi.callRoute': {
    resource: 'managementApi',
    operation: 'callRoute',
    route: '/v1/models',
  },
};
const CHANGES: Record<string, INodeParameters> = {
  'deployment.activate': { resource: 'deployment', operation: 'activate', ...staging },
  'deployment.deactivate': { resource: 'deployment', operation: 'deactivate', ...staging },
  'deployment.retry': { resource: 'deployment', operation: 'retry', ...staging },
  'deployment.updateAutoscaling': {
    resource: 'deployment',
    operation: 'updateAutoscaling',
    ...staging,
    autoscaling: { minReplica: 1 },
  },
  'deployment.promote': {
    resource: 'deployment',
    operation: 'promote',
    deploymentId: byId(deploymentIdFor(MODEL, 'development')),
    environment: byId('staging'),
  },
  'environment.controlPromotion': {
    resource: 'environment',
    operation: 'controlPromotion',
    environment: byId('staging'),
    action: 'pause',
  },
  'managementApi.callRoute with PATCH': {
    resource: 'managementApi',
    operation: 'callRoute',
    method: 'PATCH',
    route: `/v1/models/${MODEL}/environments/staging`,
    body: '{ "autoscaling_settings": { "min_replica": 1 } }',
  },
};

/** What may happen to a request that a change is made with, and whether it is surely not made. */
const FAULTS: Array<{ name: string; fault: Fault; isUndone?: true; says: RegExp }> = [
  { name: '429', fault: { kind: 'status', status: 429 }, isUndone: true, says: /rate limit/ },
  { name: '500', fault: { kind: 'status', status: 500 }, says: /raised an error/ },
  { name: '502, a web page', fault: { kind: 'html' }, says: /crashed or could not be reached/ },
  { name: '503', fault: { kind: 'status', status: 503 }, says: /could not route/ },
  { name: 'connection reset', fault: { kind: 'reset' }, says: /connection to .* failed/ },
  { name: 'lost answer', fault: { kind: 'lost' }, says: /connection to .* failed/ },
  { name: 'half an answer', fault: { kind: 'truncate' }, says: /connection to .* failed/ },
];
const WAYS = ['auto', 'n8n'];

async function run(
  parameters: INodeParameters,
  connection: string,
  maxRetries: number,
  time = fakeTime(),
) {
  mockClock.time = time;
  mockClock.state = new HttpState(mockClock.time);
  emulator().clearRequests();
  return await runBaseten({
    credential: credentialFor(emulator(), { connection }),
    parameters: { ...ofModel, ...parameters, options: { maxRetries, waitUntilDone: false } },
  });
}

describe.each(WAYS)('with connection %s', (way) => {
  describe.each(FAULTS)('$name', ({ fault, isUndone, says }) => {
    test.each(Object.entries(READS))('%s reads once more', async (_, parameters) => {
      emulator().faults.add({ ...fault, match: { path: '/management/' } });
      expect((await run(parameters, way, 1)).error?.message).toBeUndefined();
      emulator().faults.add({ ...fault, match: { path: '/management/' } });
      expect((await run(parameters, way, 0)).error?.message).toMatch(says);
    });

    test.each(Object.entries(CHANGES))('%s is done once at most', async (_, parameters) => {
      for (const method of ['POST', 'PATCH'])
        emulator().faults.add({ ...fault, match: { path: '/management/', method } });
      const { error } = await run(parameters, way, 2);
      const changes = emulator().requests.filter(({ method }) => method !== 'GET');
      expect(changes).toHaveLength(isUndone ? 2 : 1);
      // Half of Baseten’s own refusal says by its status that nothing was changed.
      if (isUndone || error?.httpCode === '400') return;
      expect(error?.message).toMatch(says);
      expect(error?.description).toContain('Baseten may have made the change all the same');
    });
  });

  describe('no response in time', () => {
    /** Runs an operation whose first request of such a method is never answered. */
    async function hang(parameters: INodeParameters, method: RegExp) {
      let endTime = () => {};
      const time = {
        ...fakeTime(),
        after: (_: number, end: () => void) => ((endTime = end), () => {}),
      };
      for (const each of ['GET', 'POST', 'PATCH'].filter((name) => method.test(name)))
        emulator().faults.add({ kind: 'hang', match: { path: '/management/', method: each } });
      const running = run(parameters, way, 2, time);
      const asked = () => emulator().requests.filter((request) => method.test(request.method));
      await eventually('the request', () => asked().length > 0);
      endTime();
      const { error } = await running;
      expect(error?.message).toMatch(/^No complete response from .* within 300 seconds$/);
      expect(asked()).toHaveLength(1);
      return error;
    }

    test.each(Object.entries(READS))('%s says so', async (_, parameters) => {
      expect((await hang(parameters, /GET/))?.description).toBe(
        'Raise Timeout in the options, or try again later.',
      );
    });

    test.each(Object.entries(CHANGES))('%s says so and is done once', async (_, parameters) => {
      const error = await hang(parameters, /POST|PATCH/);
      expect(error?.description).toContain('Baseten may have made the change all the same');
    });
  });
});

test.each(Object.entries({ ...READS, ...CHANGES }))(
  '%s says what to do if nothing runs there',
  async (_, parameters) => {
    const { error } = await runBaseten({
      credential: credentialFor(emulator(), { managementUrl: 'http://127.0.0.1:9' }),
      parameters: { ...ofModel, ...parameters, options: { maxRetries: 0 } },
    });
    expect(error?.message).toMatch(/127\.0\.0\.1:9/);
    expect(error?.description).toBeTruthy();
  },
);

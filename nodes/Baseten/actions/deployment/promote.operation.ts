import type { IDataObject } from 'n8n-workflow';

import { nameOf, type Owner } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { managementApi, type Manage, type Schemas } from '../../../shared/management/api';
import { FAILED_STATUSES } from '../../../shared/management/statuses';
import { partLocator, readLocator } from '../../../shared/parameters/locators';
import { optionsCollection, type Options } from '../../../shared/parameters/options';
import { failedDeployment } from '../management/failedDeployment';
import { readyTimeoutOption, WAIT_UNTIL_DONE } from '../management/lifecycle';
import {
  environmentParameter,
  getEnvironment,
  nameOfEnvironment,
  ownerParameters,
  pathOf,
  readAnyOwner,
  readEnvironment,
  type AnyDeployment,
  type AnyEnvironment,
} from '../management/owner';
import { readReadyTimeout, untilDone } from '../management/waiting';
import type { ItemCall, Operation } from '../operation';

const READY_TIMEOUT = 3600;
/** Milliseconds in which a promotion may not show yet. */
const SLOWEST_START = 60_000;

/**
 * Promotes a deployment to an environment, and waits until it serves there.
 * @see https://docs.baseten.co/reference/management-api/environments/promote-to-environment
 */
export const promote: Operation = {
  name: 'Promote',
  value: 'promote',
  action: 'Promote a deployment to an environment',
  description:
    'Let a deployment serve an environment, such as production, instead of the one that does now. Waits until it does.',
  properties: [
    ...ownerParameters({ chains: true }),
    partLocator(
      { displayName: 'Deployment', name: 'deploymentId', description: 'The deployment to promote' },
      'searchDeployments',
      'e.g. q6yx4mp',
    ),
    environmentParameter('The environment to promote it to'),
    optionsCollection([
      {
        displayName: 'Preserve Instance Type',
        name: 'preserveInstanceType',
        type: 'boolean',
        default: true,
        description:
          'Whether the environment keeps its own instance type, and does not take the deployment’s. Only for models.',
      },
      readyTimeoutOption(READY_TIMEOUT),
      {
        displayName: 'Scale Down Previous',
        name: 'scaleDownPrevious',
        type: 'boolean',
        default: true,
        description: 'Whether the deployment that served before is scaled down afterwards',
      },
      WAIT_UNTIL_DONE,
    ]),
  ],
  async execute(call) {
    const { connection, send, options } = call;
    const limit = readReadyTimeout(options.own, READY_TIMEOUT);
    const owner = readAnyOwner(call, true);
    const environment = readEnvironment(call);
    const deploymentId = readDeploymentId(call, owner);
    const manage = managementApi(connection.endpoints, send);
    const before = await getEnvironment(manage, owner, environment);
    const previous = before.current_deployment?.id ?? null;
    const subject = nameOfEnvironment(owner, environment);
    await manage<AnyDeployment>({
      method: 'POST',
      path: [...pathOf(owner), 'environments', environment, 'promote'],
      body: toBody(owner, deploymentId, options.own),
      subject,
    });
    const look = async () => await getEnvironment(manage, owner, environment);
    const isWaited = options.own.waitUntilDone !== false;
    const after = isWaited
      ? await promoted({
          call,
          manage,
          owner,
          subject,
          look,
          deploymentId,
          previous,
          limit,
        })
      : await look();
    const json = { ...after, previousDeploymentId: previous };
    return [{ json: json as unknown as IDataObject }];
  },
};

type Body =
  Schemas['PromoteToEnvironmentRequestV1'] | Schemas['PromoteToChainEnvironmentRequestV1'];

function toBody(owner: Owner, deploymentId: string, options: Options): Body {
  const body = {
    deployment_id: deploymentId,
    scale_down_previous_deployment: options.scaleDownPrevious !== false,
  };
  if (owner.kind === 'chain') return body;
  return { ...body, preserve_env_instance_type: options.preserveInstanceType !== false };
}

function readDeploymentId({ context, itemIndex }: ItemCall, owner: Owner): string {
  const id = readLocator(context, 'deploymentId', itemIndex).trim();
  if (id !== '') return id;
  throw new UserInputError(
    'Deployment is empty',
    `Pick a deployment of ${nameOf(owner)} from the list or enter its ID.`,
  );
}

interface Promotion {
  call: ItemCall;
  manage: Manage;
  owner: Owner;
  /** The environment, for messages. */
  subject: string;
  look(): Promise<AnyEnvironment>;
  /** The deployment that is promoted. */
  deploymentId: string;
  /** The deployment that served before. */
  previous: string | null;
  limit: number;
}

/**
 * Waits until the promotion is over. It watches the environment's candidate, which Baseten may have
 * made anew of the deployment that was given.
 * @throws {UserInputError} if it is paused, or ends without the deployment serving
 */
async function promoted({
  call,
  manage,
  owner,
  subject,
  look,
  deploymentId,
  previous,
  limit,
}: Promotion): Promise<AnyEnvironment> {
  let last: AnyDeployment | undefined;
  return await untilDone<AnyEnvironment>({
    subject: `the promotion to ${subject}`,
    limit,
    signal: call.signal,
    show: (message) => call.context.sendMessageToUI(message),
    look,
    async progress(environment, waited) {
      const { current_deployment: current, candidate_deployment: candidate } = environment;
      const underway = 'in_progress_promotion' in environment && environment.in_progress_promotion;
      last = candidate ?? last;
      if (underway) checkStatus(underway, subject);
      if (candidate && FAILED_STATUSES.includes(candidate.status)) {
        throw await failedDeployment(manage, owner, candidate);
      }
      if (underway && underway.status !== 'SUCCEEDED') {
        return `${underway.status}, ${underway.percent_traffic_to_new_version} %`;
      }
      if (candidate && candidate.id !== current?.id) return candidate.status;
      // Nothing is under way, and another deployment serves than before: it was over quickly, and
      // the deployment may be one that Baseten made anew of the one given.
      if (current && current.id !== previous) return undefined;
      if (!last && waited <= SLOWEST_START) return 'starting';
      // The deployment that already served was promoted again.
      if (!last && current?.id === deploymentId) return undefined;
      throw new UserInputError(
        `The promotion to ${subject} ended, and ${current ? `deployment ${current.id}` : 'no deployment'} serves there`,
        last
          ? `Its candidate ${last.id} was ${last.status} at last. Look at its logs, in Baseten or with Deployment → Get Logs.`
          : 'It did not start within a minute. Look at the environment in Baseten.',
      );
    },
  });
}

/** @throws {UserInputError} if a promotion can't end well by itself */
function checkStatus(
  {
    status,
    percent_traffic_to_new_version: percent,
    error_message,
  }: Schemas['InProgressPromotionV1'],
  subject: string,
): void {
  if (status === 'PAUSED') {
    throw new UserInputError(
      `The promotion to ${subject} is PAUSED at ${percent} % of the traffic`,
      'It goes on only when somebody resumes it: in Baseten, or with Environment → Control Promotion.',
    );
  }
  if (status === 'FAILED' || status === 'CANCELED') {
    throw new UserInputError(
      `The promotion to ${subject} is ${status}`,
      error_message ?? 'Baseten gives no reason. Look at the candidate’s logs.',
    );
  }
}

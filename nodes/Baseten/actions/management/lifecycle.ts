import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Owner } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { managementApi, type Manage } from '../../../shared/management/api';
import { FAILED_STATUSES } from '../../../shared/management/statuses';
import { readReadyTimeout, untilDone } from '../../../shared/management/untilDone';
import { readTarget } from '../../../shared/parameters/addressing';
import { optionsCollection } from '../../../shared/parameters/options';
import type { ItemCall, Operation } from '../operation';
import { failedDeployment } from './failedDeployment';
import {
  deploymentParameters,
  findDeployment,
  getDeployment,
  nameOfDeployment,
  readAnyOwner,
  type AnyDeployment,
} from './owner';

/** Whether to wait for what an operation starts. */
export const WAIT_UNTIL_DONE: INodeProperties = {
  displayName: 'Wait Until Done',
  name: 'waitUntilDone',
  type: 'boolean',
  default: true,
  description: 'Whether to go on only once it is done, which can take minutes',
};

/** The option that bounds a wait. @param fallback seconds unless the user sets it */
export function readyTimeoutOption(fallback: number): INodeProperties {
  return {
    displayName: 'Ready Timeout',
    name: 'readyTimeout',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 86_400 },
    default: fallback,
    description: 'Most seconds to wait until it is done, from 1 to 86400',
  };
}

/** Milliseconds in which a deployment may keep the status that it had before. */
const SLOWEST_START = 60_000;
const READY_TIMEOUT = 600;

/** What an operation does to a deployment, and when it is done. */
interface Change extends Pick<Operation, 'name' | 'value' | 'action' | 'description'> {
  /** Whether chains have it, too. */
  chains: boolean;
  /** Starts it. @throws {UserInputError} if Baseten says that it did not start */
  start(manage: Manage, owner: Owner, deployment: AnyDeployment): Promise<void>;
  /** The statuses in which it is done. */
  done: readonly string[];
  /** The statuses, besides the failed ones, in which it can't be done any more. */
  over: readonly string[];
}

/** Makes an operation that changes a deployment's status, and waits until it has. */
export function lifecycleOperation({
  name,
  value,
  action,
  description,
  ...change
}: Change): Operation {
  return {
    name,
    value,
    action,
    description,
    properties: [
      ...deploymentParameters({ chains: change.chains }),
      optionsCollection([WAIT_UNTIL_DONE, readyTimeoutOption(READY_TIMEOUT)]),
    ],
    async execute(call) {
      const { context, itemIndex, connection, send, options } = call;
      const limit = readReadyTimeout(options.own, READY_TIMEOUT);
      const manage = managementApi(connection.endpoints, send);
      const owner = readAnyOwner(call, change.chains);
      const before = await findDeployment(manage, owner, readTarget(context, itemIndex));
      await change.start(manage, owner, before);
      const after =
        options.own.waitUntilDone === false
          ? await getDeployment(manage, owner, before.id)
          : await settled({ call, manage, owner, before, limit, change });
      return [{ json: after as unknown as IDataObject }];
    },
  };
}

interface Settling {
  call: ItemCall;
  manage: Manage;
  owner: Owner;
  /** The deployment before the change. */
  before: AnyDeployment;
  limit: number;
  change: Pick<Change, 'done' | 'over'>;
}

/** Waits until a deployment has changed. @throws {UserInputError} if it ends elsewhere */
async function settled({ call, manage, owner, before, limit, change }: Settling) {
  let hasBegun = false;
  return await untilDone<AnyDeployment>({
    subject: nameOfDeployment(owner, before.id),
    limit,
    signal: call.signal,
    show: (message) => call.context.sendMessageToUI(message),
    look: async () => await getDeployment(manage, owner, before.id),
    async progress(deployment, waited) {
      const { status } = deployment;
      if (change.done.includes(status)) return undefined;
      hasBegun ||= status !== before.status || waited > SLOWEST_START;
      const isOver = FAILED_STATUSES.includes(status) || change.over.includes(status);
      if (hasBegun && isOver) throw await failedDeployment(manage, owner, deployment);
      return status;
    },
  });
}

/** @throws {UserInputError} if Baseten says that it did not do what was asked */
export function checkSuccess(success: boolean | undefined, subject: string, verb: string): void {
  if (success !== false) return;
  throw new UserInputError(
    `Baseten did not ${verb} ${subject}`,
    'It says so without a reason. Look at it with Deployment → Get and Get Logs.',
  );
}

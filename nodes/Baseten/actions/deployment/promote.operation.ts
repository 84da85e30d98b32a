import type { IDataObject } from 'n8n-workflow';

import { pathOf, nameOf, type Owner } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { managementApi, type Schemas } from '../../../shared/management/api';
import { partLocator, readLocator } from '../../../shared/parameters/locators';
import { optionsCollection, type Options } from '../../../shared/parameters/options';
import { failedDeployment } from '../management/failedDeployment';
import { readyTimeoutOption, WAIT_UNTIL_DONE } from '../management/lifecycle';
import {
  environmentParameter,
  getEnvironment,
  nameOfEnvironment,
  ownerParameters,
  readAnyOwner,
  readEnvironment,
  type AnyDeployment,
  type AnyEnvironment,
} from '../management/owner';
import { promotionProgress } from '../management/promotionProgress';
import { readReadyTimeout, untilDone } from '../../../shared/management/untilDone';
import type { ItemCall, Operation } from '../operation';

const READY_TIMEOUT = 3600;

/**
 * Promotes a deployment to an environment, and waits until it serves there.
 * @see https://docs.baseten.co/reference/management-api/environments/promote-to-environment
 */
export const promote: Operation = {
  name: 'Promote',
  value: 'promote',
  action: 'Promote a deployment, which changes what serves an environment',
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
      ? await untilDone<AnyEnvironment>({
          subject: `the promotion to ${subject}`,
          limit,
          signal: call.signal,
          show: (message) => call.context.sendMessageToUI(message),
          look,
          progress: promotionProgress({
            subject,
            deploymentId,
            previous,
            failed: async (candidate) => await failedDeployment(manage, owner, candidate),
          }),
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

import type { INodeProperties } from 'n8n-workflow';

import { nameOf, pathOf, type Owner, type Target } from '../../../shared/connection/endpoints';
import type { Manage, Schemas } from '../../../shared/management/api';
import { UserInputError } from '../../../shared/errors/userInputError';
import { addressing, readOwner } from '../../../shared/parameters/addressing';
import { readChoice } from '../../../shared/parameters/choice';
import { ownerLocator, partLocator, readLocator } from '../../../shared/parameters/locators';
import type { ItemCall } from '../operation';

/** A deployment of a model or of a chain. */
export type AnyDeployment = Schemas['DeploymentV1'] | Schemas['ChainDeploymentV1'];
/** An environment of a model or of a chain. */
export type AnyEnvironment = Schemas['EnvironmentV1'] | Schemas['ChainEnvironmentV1'];

const OWNER_TYPE = {
  name: 'ownerType',
  label: 'Of',
  values: ['chain', 'model'],
  fallback: 'model',
} as const;

const OWNER_TYPE_PROPERTY: INodeProperties = {
  displayName: 'Of',
  name: 'ownerType',
  type: 'options',
  default: 'model',
  description: 'Whether it belongs to a model or to a chain',
  options: [
    { name: 'Chain', value: 'chain' },
    { name: 'Model', value: 'model' },
  ],
};

/** The parameters that name a model; for an operation that chains have, too, a model or a chain. */
export function ownerParameters({ chains }: { chains: boolean }): INodeProperties[] {
  if (!chains) return [ownerLocator('model')];
  return [
    OWNER_TYPE_PROPERTY,
    ownerLocator('model', { show: { ownerType: ['model'] } }),
    ownerLocator('chain', { show: { ownerType: ['chain'] } }),
  ];
}

/** Reads which model or chain an item is about. @param chains whether the form offers chains */
export function readAnyOwner({ context, itemIndex }: ItemCall, chains: boolean): Owner {
  const kind = chains ? readChoice(context, OWNER_TYPE, itemIndex) : 'model';
  return readOwner(context, kind, itemIndex);
}

/** The parameters that name a deployment: of which model or chain, and which one of it. */
export function deploymentParameters({ chains }: { chains: boolean }): INodeProperties[] {
  const [, target, environment, deployment] = addressing('model');
  if (!target || !environment || !deployment) throw new Error('There is no target');
  const options = target.options?.filter(
    (option) => 'value' in option && option.value !== 'regional',
  );
  return [
    ...ownerParameters({ chains }),
    { ...target, options, description: 'Which deployment it is' },
    { ...environment, displayOptions: { show: { target: ['environment'] } } },
    { ...deployment, description: 'The deployment' },
  ];
}

/** The parameter that names an environment. */
export function environmentParameter(description: string): INodeProperties {
  return partLocator(
    { displayName: 'Environment', name: 'environment', description },
    'searchEnvironments',
    'e.g. production',
  );
}

/** Reads the name of an environment. @throws {UserInputError} if it is empty */
export function readEnvironment({ context, itemIndex }: ItemCall): string {
  const name = readLocator(context, 'environment', itemIndex).trim();
  if (name !== '') return name;
  throw new UserInputError(
    'Environment is empty',
    'Pick one from the list or enter its name, such as production.',
  );
}

/** What is called, for messages: `environment staging of model abcd1234`. */
export function nameOfEnvironment(owner: Owner, environment: string): string {
  return `environment ${environment} of ${nameOf(owner)}`;
}

/** What is called, for messages: `deployment q6yx4mp of model abcd1234`. */
export function nameOfDeployment(owner: Owner, deploymentId: string): string {
  return `deployment ${deploymentId} of ${nameOf(owner)}`;
}

/** Reads an environment. @throws {BasetenError} if Baseten does not know it */
export async function getEnvironment(
  manage: Manage,
  owner: Owner,
  environment: string,
): Promise<AnyEnvironment> {
  return await manage<AnyEnvironment>({
    path: [...pathOf(owner), 'environments', environment],
    subject: nameOfEnvironment(owner, environment),
  });
}

/** Reads one deployment by its ID. @throws {BasetenError} if Baseten does not know it */
export async function getDeployment(
  manage: Manage,
  owner: Owner,
  deploymentId: string,
): Promise<AnyDeployment> {
  return await manage<AnyDeployment>({
    path: [...pathOf(owner), 'deployments', deploymentId],
    subject: nameOfDeployment(owner, deploymentId),
  });
}

/**
 * Finds the deployment that a target names. A chain's production and development are environments.
 * @throws {UserInputError} if nothing is deployed there
 * @throws {BasetenError} if Baseten does not know it
 */
export async function findDeployment(
  manage: Manage,
  owner: Owner,
  target: Target,
): Promise<AnyDeployment> {
  if (target.type === 'deployment') return await getDeployment(manage, owner, target.deploymentId);
  const isNamed = target.type === 'production' || target.type === 'development';
  if (isNamed && owner.kind === 'model') {
    return await manage<AnyDeployment>({
      path: [...pathOf(owner), 'deployments', target.type],
      subject: `the ${target.type} deployment of ${nameOf(owner)}`,
    });
  }
  const name = isNamed ? target.type : target.environment;
  const { current_deployment: deployment } = await getEnvironment(manage, owner, name);
  if (deployment) return deployment;
  throw new UserInputError(
    `${nameOfEnvironment(owner, name)} has no deployment`,
    'Promote a deployment to it first, or choose another Target.',
  );
}

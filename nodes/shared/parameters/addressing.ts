import type { INodeProperties } from 'n8n-workflow';

import type { Owner, OwnerKind, Target } from '../connection/endpoints';
import { readChoice } from './choice';
import { ownerLocator, partLocator, readLocator, readLocatorUrl } from './locators';
import { checkTargetOfUrl } from './ownerUrl';
import type { ParameterContext } from './parameter';

/** The parameter that says which deployment is called. */
export const TARGET = {
  name: 'target',
  label: 'Target',
  values: ['deployment', 'development', 'environment', 'production', 'regional'],
  fallback: 'production',
} as const;

/**
 * The parameters that say which model or chain is called, and which of its deployments.
 * @see https://docs.baseten.co/reference/inference-api/overview
 */
export function addressing(kind: OwnerKind): INodeProperties[] {
  return [
    ownerLocator(kind),
    {
      displayName: 'Target',
      name: 'target',
      type: 'options',
      default: 'production',
      description: `Which deployment of the ${kind} to call`,
      options: [
        { name: 'Deployment', value: 'deployment', description: 'One deployment by its ID' },
        { name: 'Development', value: 'development', description: 'The development deployment' },
        {
          name: 'Environment',
          value: 'environment',
          description: 'The deployment promoted to an environment, such as staging',
        },
        {
          name: 'Production',
          value: 'production',
          description: 'The deployment promoted to production',
        },
        {
          name: 'Regional',
          value: 'regional',
          description: 'A regional environment, which has a host of its own',
        },
      ],
    },
    partLocator(
      {
        displayName: 'Environment',
        name: 'environment',
        description: 'Name of the environment',
        displayOptions: { show: { target: ['environment', 'regional'] } },
      },
      'searchEnvironments',
      'e.g. staging',
    ),
    partLocator(
      {
        displayName: 'Deployment',
        name: 'deploymentId',
        description: 'The deployment to call',
        displayOptions: { show: { target: ['deployment'] } },
      },
      'searchDeployments',
      'e.g. q6yx4mp',
    ),
  ];
}

/**
 * Reads which model or chain an item calls.
 * @param itemIndex position of the item in the input
 * @returns the model or chain; its ID is empty if the user entered nothing
 */
export function readOwner(context: ParameterContext, kind: OwnerKind, itemIndex: number): Owner {
  return { kind, id: readLocator(context, kind === 'model' ? 'modelId' : 'chainId', itemIndex) };
}

/**
 * Reads which deployment an item calls.
 * @param itemIndex position of the item in the input
 * @returns the target; its environment or ID is empty if the user entered nothing
 * @throws {UserInputError} if it is none of its values, or if the model or chain is given by a URL
 * that names another target
 */
export function readTarget(context: ParameterContext, itemIndex: number): Target {
  const target = readChosenTarget(context, itemIndex);
  // n8n gives a node only the parameters that its form shows, so it has one of the two at most.
  for (const [kind, name] of [
    ['model', 'modelId'],
    ['chain', 'chainId'],
  ] as const) {
    const url = readLocatorUrl(context, name, itemIndex);
    if (url !== undefined) checkTargetOfUrl(target, url, kind);
  }
  return target;
}

function readChosenTarget(context: ParameterContext, itemIndex: number): Target {
  const type = readChoice(context, TARGET, itemIndex);
  switch (type) {
    case 'environment':
    case 'regional':
      return { type, environment: readLocator(context, 'environment', itemIndex) };
    case 'deployment':
      return { type, deploymentId: readLocator(context, 'deploymentId', itemIndex) };
    default:
      return { type };
  }
}

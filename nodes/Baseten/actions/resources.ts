import { updateDisplayOptions, type IExecuteFunctions, type INodeProperties } from 'n8n-workflow';

import { UserInputError } from '../../shared/errors/userInputError';
import { withOptions } from '../../shared/parameters/options';
import { WAKE_FIRST } from '../../shared/management/wakeFirst';
import { INCLUDE_INPUT } from '../../shared/run/inputBeside';
import * as asyncRequest from './asyncRequest';
import * as audio from './audio';
import * as chain from './chain';
import * as chat from './chat';
import * as deployment from './deployment';
import * as embedding from './embedding';
import * as environment from './environment';
import * as image from './image';
import * as managementApi from './managementApi';
import * as model from './model';
import * as modelApi from './modelApi';
import type { Operation, Resource } from './operation';
import { OUTPUT_FIELD } from '../../shared/run/outputField';
import * as usage from './usage';

/** In the order of the form and of the node panel: what is used most comes first. */
const RESOURCES: Resource[] = [
  {
    name: 'Model',
    value: 'model',
    initial: 'predict',
    operations: operationsOf(model, 'predict', 'submitAsync', 'callRoute', 'wake'),
  },
  { name: 'Chat', value: 'chat', initial: 'complete', operations: Object.values(chat) },
  {
    name: 'Audio',
    value: 'audio',
    initial: 'transcribe',
    operations: operationsOf(audio, 'transcribe'),
  },
  { name: 'Image', value: 'image', initial: 'generate', operations: Object.values(image) },
  {
    name: 'Embedding',
    value: 'embedding',
    initial: 'create',
    operations: operationsOf(embedding, 'create'),
  },
  {
    name: 'Chain',
    value: 'chain',
    initial: 'run',
    operations: operationsOf(chain, 'run', 'submitAsync'),
  },
  {
    name: 'Async Request',
    value: 'asyncRequest',
    initial: 'get',
    operations: operationsOf(asyncRequest, 'get'),
  },
  {
    name: 'Deployment',
    value: 'deployment',
    initial: 'get',
    operations: operationsOf(deployment, 'get', 'getMany'),
  },
  {
    name: 'Environment',
    value: 'environment',
    initial: 'get',
    operations: operationsOf(environment, 'get', 'getMany'),
  },
  {
    name: 'Model API',
    value: 'modelApi',
    initial: 'getMany',
    operations: Object.values(modelApi),
  },
  { name: 'Usage', value: 'usage', initial: 'getCosts', operations: Object.values(usage) },
  {
    name: 'Management API',
    value: 'managementApi',
    initial: 'callRoute',
    operations: Object.values(managementApi),
  },
];

/**
 * The operations of a resource in the order of the form. A bundler may change the order in which a
 * module exports them.
 * @param first the names of those that are used most; the others follow by their names
 */
function operationsOf<Name extends string>(
  all: Record<Name, Operation>,
  ...first: Name[]
): Operation[] {
  const others = (Object.keys(all) as Name[]).filter((name) => !first.includes(name)).sort();
  return [...first, ...others].map((name) => all[name]);
}

/** All parameters of the node: resource, operation, then each operation's own. */
export const properties: INodeProperties[] = [
  {
    displayName: 'Resource',
    name: 'resource',
    type: 'options',
    noDataExpression: true,
    default: 'model',
    options: RESOURCES.map(({ name, value }) => ({ name, value })),
  },
  ...RESOURCES.map(operationSelector),
  // At each read of a parameter n8n tries all properties of its name from the first on. Models are
  // called most, so theirs come first.
  ...RESOURCES.flatMap((resource) =>
    resource.operations.flatMap((operation) =>
      updateDisplayOptions(
        { show: { resource: [resource.value], operation: [operation.value] } },
        formOf(operation),
      ),
    ),
  ),
];

/** An operation's parameters, with those that many operations have. */
function formOf({ properties: own, passesInputOn, callsDeployment }: Operation): INodeProperties[] {
  if (passesInputOn) return own;
  const options = callsDeployment ? [OUTPUT_FIELD, WAKE_FIRST] : [OUTPUT_FIELD];
  return own.flatMap((property) =>
    property.name === 'options' ? [INCLUDE_INPUT, withOptions(property, options)] : [property],
  );
}

/**
 * Finds the operation that the node is set to.
 * @throws {UserInputError} if this version of the package does not have it
 */
export function findOperation(context: IExecuteFunctions): Operation {
  const resource = context.getNodeParameter('resource', 0, 'model');
  const value = context.getNodeParameter('operation', 0, 'predict');
  const operation = RESOURCES.find((candidate) => candidate.value === resource)?.operations.find(
    (candidate) => candidate.value === value,
  );
  if (operation) return operation;
  throw new UserInputError(
    `There is no operation "${String(value)}" for "${String(resource)}"`,
    'Choose the operation again, or update the package that this workflow was made with.',
  );
}

function operationSelector({ value, initial, operations }: Resource): INodeProperties {
  return {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { resource: [value] } },
    default: initial,
    options: operations.map((operation) => ({
      name: operation.name,
      value: operation.value,
      action: operation.action,
      description: operation.description,
    })),
  };
}

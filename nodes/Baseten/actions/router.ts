import {
  updateDisplayOptions,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
} from 'n8n-workflow';

import { createClient } from '../../shared/http/client';
import { toConnectionWithKey, type Connection } from '../../shared/connection/connection';
import { hidingSecrets, toNodeError } from '../../shared/errors/basetenError';
import { failedItem, runItems, runPackedItems } from '../../shared/run/items';
import { secretsOf } from '../../shared/errors/redact';
import { UserInputError } from '../../shared/errors/userInputError';
import * as asyncRequest from './asyncRequest';
import * as chain from './chain';
import * as chat from './chat';
import * as embedding from './embedding';
import { addHints } from './hints';
import * as model from './model';
import type { ItemCall, Operation, Resource } from './operation';
import { packing } from './batchedItems';
import { readHedge, readRunSettings, readSendOptions } from '../../shared/parameters/options';

const RESOURCES: Resource[] = [
  {
    name: 'Async Request',
    value: 'asyncRequest',
    initial: 'get',
    operations: Object.values(asyncRequest),
  },
  { name: 'Chain', value: 'chain', initial: 'run', operations: Object.values(chain) },
  { name: 'Chat', value: 'chat', initial: 'complete', operations: Object.values(chat) },
  {
    name: 'Embedding',
    value: 'embedding',
    initial: 'create',
    operations: Object.values(embedding),
  },
  { name: 'Model', value: 'model', initial: 'predict', operations: Object.values(model) },
];

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
  // At each read of a parameter n8n tries all properties of its name, from the first on: models are called most.
  ...[...RESOURCES]
    .reverse()
    .flatMap((resource) =>
      resource.operations.flatMap((operation) =>
        updateDisplayOptions(
          { show: { resource: [resource.value], operation: [operation.value] } },
          operation.properties,
        ),
      ),
    ),
];

/** Runs the operation that the node is set to over all items. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const node = context.getNode();
  try {
    const operation = findOperation(context);
    const connection = toConnectionWithKey(await context.getCredentials('basetenApi'));
    const items = await runOperation(operation, context, connection);
    addHints(context, items, connection.endpoints);
    return [items];
  } catch (error) {
    const isStopped = context.getExecutionCancelSignal?.()?.aborted === true;
    if (isStopped || !context.continueOnFail()) throw toNodeError(node, error, 0);
    // What is thrown here fails all items. n8n would let the input leave by the output for successes.
    return [context.getInputData().map((_, itemIndex) => failedItem(context, itemIndex, error))];
  }
}

async function runOperation(
  operation: Operation,
  context: IExecuteFunctions,
  connection: Connection,
): Promise<INodeExecutionData[]> {
  const client = createClient(context, connection);
  if ('executePacked' in operation) {
    const settings = readRunSettings(context);
    return await runPackedItems(context, settings, packing(operation, context, connection, client));
  }
  const settings = readRunSettings(context, operation.streams?.(context));
  const hedge = operation.mayHedge ? readHedge(context, context.getInputData().length) : undefined;
  return await runItems(context, settings, async (itemIndex, signal) => {
    const options = { ...readSendOptions(context, itemIndex), signal, hedge };
    const call: ItemCall = {
      context,
      itemIndex,
      connection,
      signal,
      send: async (request) => await client.send(request, options),
      stream: async (request, isStreamed) => await client.stream(request, options, isStreamed),
    };
    return await hidingSecrets(secretsOf(connection), async () => await operation.execute(call));
  });
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

function findOperation(context: IExecuteFunctions): Operation {
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

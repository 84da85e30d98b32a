import { NodeHelpers, type INodeParameters, type INodePropertyOptions } from 'n8n-workflow';

import { Baseten } from '../../../nodes/Baseten/Baseten.node.ts';

const { description } = new Baseten();

/** The fields that n8n shows for these values, in their order. */
function formOf(values: INodeParameters): string[] {
  const node = { typeVersion: 1.1 };
  const all = NodeHelpers.getNodeParameters(
    description.properties,
    values,
    true,
    false,
    node,
    description,
  );
  return description.properties
    .filter(({ type }) => type !== 'hidden')
    .filter((property) => NodeHelpers.displayParameter(all ?? {}, property, node, description))
    .map(({ name }) => name);
}

test('a prediction asks for six things, and everything else is in Options', () => {
  const before = ['resource', 'operation', 'modelId', 'target', 'inputMode'];
  const after = ['files', 'includeInputFields', 'options'];
  const predict = { resource: 'model', operation: 'predict' };
  expect(formOf({ ...predict, inputMode: 'json' })).toEqual([...before, 'input', ...after]);
  expect(formOf(predict)).toEqual([...before, 'modelFields', ...after]);
});

test('what is used most comes first in the node panel', () => {
  const resources = description.properties.find(({ name }) => name === 'resource')?.options;
  const values = (resources as INodePropertyOptions[]).map(({ value }) => value);
  expect(values.slice(0, 5)).toEqual(['model', 'chat', 'audio', 'image', 'embedding']);
  const operations = description.properties.filter(({ name }) => name === 'operation');
  const first = operations.map(({ options }) => (options?.[0] as INodePropertyOptions).value);
  expect(first).toEqual(operations.map((operation) => operation.default));
  const ofModels = operations[0]?.options as INodePropertyOptions[];
  expect(ofModels.map(({ value }) => value)).toEqual([
    ...['predict', 'submitAsync', 'callRoute', 'wake', 'get', 'getMany', 'getQueueStatus'],
  ]);
});

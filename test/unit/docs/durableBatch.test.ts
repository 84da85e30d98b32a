import type { IDataObject } from 'n8n-workflow';

import { readExample } from '../../../host/demo/examples';

const { nodes } = readExample({ file: 'durable-batch.json' });

/** What a node of the example is told to do. */
function parametersOf(name: string): IDataObject {
  const node = nodes.find((each) => each.name === name);
  if (!node) throw new Error(`The example has no node ${name}`);
  return node.parameters as IDataObject;
}

test('a file in a result stays in it as base64, since a table takes no files', () => {
  expect(parametersOf('3 Result').options).toMatchObject({ base64ToFiles: 'off' });
});

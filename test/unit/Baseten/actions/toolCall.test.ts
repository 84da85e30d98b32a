import type { INodeExecutionData } from 'n8n-workflow';

import { withFilesTold } from '../../../../nodes/Baseten/actions/toolCall';

const file = (fileName: string, bytes: number) => ({
  data: 'filesystem-v2',
  mimeType: 'image/png',
  fileName,
  bytes,
});
const toldOf = (item: INodeExecutionData) => withFilesTold([item])[0]?.json;

test('an agent is told name, type and size of a file', () => {
  expect(toldOf({ json: {}, binary: { data: file('fox.png', 70) } })).toStrictEqual({
    file: 'fox.png',
    mimeType: 'image/png',
    bytes: 70,
  });
});

test('several files are a list', () => {
  const binary = { a: file('fox-1.png', 70), b: file('fox-2.png', 80) };
  expect(toldOf({ json: { seed: 7 }, binary })).toStrictEqual({
    seed: 7,
    files: [
      { file: 'fox-1.png', mimeType: 'image/png', bytes: 70 },
      { file: 'fox-2.png', mimeType: 'image/png', bytes: 80 },
    ],
  });
});

test('what the model answered stays, and so does an item without a file', () => {
  const told = toldOf({ json: { file: 'its own' }, binary: { data: file('fox.png', 70) } });
  expect(told).toStrictEqual({ file: 'its own', mimeType: 'image/png', bytes: 70 });
  const item = { json: { a: 1 } };
  expect(withFilesTold([item])[0]).toBe(item);
});

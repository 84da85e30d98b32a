import { nestFields, withFiles } from '../../../nodes/shared/input';

test('an input is not changed by putting files into a copy of it', () => {
  const input = { nested: { a: 1 } };
  withFiles(input, [{ path: 'nested.file', file: { content: Buffer.from('x'), mimeType: '' } }]);
  expect(input).toStrictEqual({ nested: { a: 1 } });
});

test('fields without a name are left out', () => {
  expect(nestFields([{ name: ' ', value: 1 }, { name: 'a', value: null }])).toStrictEqual({ a: null });
});

import {
  nestFields,
  readField,
  withFiles,
  type FieldType,
} from '../../../../nodes/shared/payload/fields';
import { jsonBody, readJsonText } from '../../../../nodes/shared/payload/requestBody';

const file = (path: string, encoding: 'base64' | 'dataUrl' = 'base64', mimeType = '') => ({
  path,
  encoding,
  file: { content: Buffer.from('x'), mimeType },
});
const nested = (...fields: Array<[name: unknown, value: unknown, type?: FieldType]>) =>
  nestFields(fields.map(([name, value, type]) => readField(name, value, type)));

test('putting files into an input does not change the input itself', () => {
  const input = { nested: { a: 1 }, when: { toJSON: () => 'now' } };
  const made = withFiles(input, [file('nested.file')]);
  expect(JSON.stringify(made)).toBe('{"nested":{"a":1,"file":"eA=="},"when":"now"}');
  expect(Object.keys(input.nested)).toStrictEqual(['a']);
});

test('a file goes in as base64, or as a data URL with its type', () => {
  expect(
    withFiles({}, [
      file('bare'),
      file('url', 'dataUrl', 'audio/wav; rate=8000'),
      file('unknown', 'dataUrl'),
    ]),
  ).toStrictEqual({
    bare: 'eA==',
    url: 'data:audio/wav;rate=8000;base64,eA==',
    unknown: 'data:application/octet-stream;base64,eA==',
  });
});

test('files go into a list', () => {
  expect(withFiles({}, [file('inputs.0.audio'), file('inputs.1.audio')])).toStrictEqual({
    inputs: [{ audio: 'eA==' }, { audio: 'eA==' }],
  });
});

test('files at the same path are refused', () => {
  expect(() => withFiles({}, [file('a'), file('a')])).toThrow('The path "a" is given twice');
});

test('a file may take the place of a value in the JSON', () => {
  expect(withFiles({ image: null }, [file('image')])).toStrictEqual({ image: 'eA==' });
});

test('fields without a name are left out, and one may be a number', () => {
  expect(nested([' ', 1], [undefined, 2], [5, 'five'], ['a', null])).toStrictEqual({
    5: 'five',
    a: null,
  });
});

test.each([[{}], [['a']], [true]])('a field called %j is refused', (name) => {
  expect(() => nested([name, 1])).toThrow('The name of a field is not a text');
});

test('a field that is given twice is refused', () => {
  expect(() => nested(['a', 1], ['a', 2])).toThrow('The path "a" is given twice');
});

test.each<[FieldType, unknown, unknown]>([
  ['auto', '5', '5'],
  ['auto', 5, 5],
  ['string', 5, '5'],
  ['string', { a: 1 }, '{"a":1}'],
  ['number', ' 1.50 ', 1.5],
  ['number', '-2e3', -2000],
  ['number', 7, 7],
  ['boolean', 'True', true],
  ['boolean', 0, false],
  ['boolean', true, true],
  ['json', '[1, {"a": null}]', [1, { a: null }]],
  ['json', { a: 1 }, { a: 1 }],
  ['number', null, null],
  ['json', undefined, undefined],
])('type %s takes %j as %j', (type, value, expected) => {
  expect(nested(['a', value, type])).toStrictEqual({ a: expected });
});

test.each<[FieldType, unknown, string]>([
  ['number', '', 'The field "a" is not a number: ""'],
  ['number', ' ', 'The field "a" is not a number: " "'],
  ['number', true, 'The field "a" is not a number: true'],
  ['number', '0x10', 'The field "a" is not a number: "0x10"'],
  ['number', '18446744073709551615', 'The field "a" is not a number: "18446744073709551615"'],
  ['number', Number.NaN, 'The field "a" is not a number: null'],
  ['boolean', 'yes', 'The field "a" is not true or false: "yes"'],
  ['json', '{', 'The field "a" is not valid JSON'],
  ['json', ' ', 'The field "a" is empty'],
  ['json', '[1e400]', 'The number 1e400 in The field "a" would be changed'],
])('type %s refuses %j', (type, value, message) => {
  expect(() => nested(['a', value, type])).toThrow(message);
});

test('JSON that files go into must have no number that would be changed', () => {
  const input = readJsonText('{"seed": 18446744073709551615}', 'Input');
  expect(() => withFiles(input, [file('a')])).toThrow(
    'The number 18446744073709551615 in Input would be changed',
  );
  expect(jsonBody(withFiles(input, [])).content.toString()).toBe('{"seed": 18446744073709551615}');
});

import { toData } from '../../../../nodes/shared/payload/jsonText';
import { jsonBody, parseJson, readJsonText } from '../../../../nodes/shared/payload/requestBody';

const sent = (json: unknown) => jsonBody(json).content.toString();
const typed = (text: string) => sent(readJsonText(text, 'Input'));

test('typed JSON goes out byte for byte', () => {
  const text =
    ' {"seed": 18446744073709551615,\n "scale": 1.0, "big": 1e400, "2": 1, "1": "\\u00e9"}\n';
  expect(typed(text)).toBe(text);
});

test('typed JSON goes out byte for byte inside another body', () => {
  const model_input = readJsonText('{"seed": 18446744073709551615}', 'Input');
  expect(sent({ model_input, priority: 1, webhook_endpoint: undefined })).toBe(
    '{"model_input":{"seed": 18446744073709551615},"priority":1}',
  );
});

test.each([
  ['{"a": 18446744073709551615}', '18446744073709551615'],
  ['[-9007199254740993]', '-9007199254740993'],
  ['9007199254740993', '9007199254740993'],
  ['[1.5, 1e400]', '1e400'],
  ['[1e-400]', '1e-400'],
])('%s can’t be had as data', (text, number) => {
  expect(() => toData(readJsonText(text, 'Input'))).toThrow(
    `The number ${number} in Input would be changed`,
  );
});

test('numbers that data can hold, and digits in texts, are kept', () => {
  const text =
    '{"id": "18446744073709551615 \\" 1e400", "n": [9007199254740991, 1.0, 1e20, 0.1234567890123456789, 0e999]}';
  expect(toData(readJsonText(text, 'Input'))).toStrictEqual(JSON.parse(text));
});

test.each([
  ['cut \ud83d', 'cut \ufffd'],
  ['\ude00 cut', '\ufffd cut'],
  ['\ud83d\ud83d\ude00', '\ufffd\ud83d\ude00'],
  ['\\ud83d is text, \\\\ud83d too', '\\ud83d is text, \\\\ud83d too'],
])('half an emoji in %j is replaced', (text, expected) => {
  expect(JSON.parse(sent({ [text]: [text] }))).toStrictEqual({ [expected]: [expected] });
});

test('half an emoji is replaced in typed JSON, too, and a whole one stays as it was written', () => {
  expect(typed('["\\ud83d", "\\uD83D\\uDE00", "\\\\ud83d", "\ud83d"]')).toBe(
    '["\\ufffd", "\\uD83D\\uDE00", "\\\\ud83d", "\ufffd"]',
  );
});

test.each<[string, unknown, RegExp]>([
  ['NaN', { a: [{ b: Number.NaN }] }, /NaN is not a number in JSON/],
  ['Infinity', -Infinity, /-Infinity is not a number in JSON/],
  ['a BigInt', { a: 10n }, /can't be written as JSON/],
  ['nothing', undefined, /it is nothing/],
  ['a function', () => 1, /it is a function/],
])('%s is refused in words', (_, json, message) => {
  expect(() => jsonBody(json)).toThrow(message);
  expect(() => jsonBody(json)).toThrow(expect.objectContaining({ name: 'UserInputError' }));
});

test('what refers to itself is refused in words', () => {
  const json: { self?: unknown } = {};
  json.self = json;
  expect(() => jsonBody(json)).toThrow(/^The input can't be written as JSON: .*circular/);
});

test('null and dates go out as before', () => {
  expect(sent({ none: null, when: new Date(0), no: undefined })).toBe(
    '{"none":null,"when":"1970-01-01T00:00:00.000Z"}',
  );
});

test('JSON that becomes part of other data must have no number that would be changed', () => {
  expect(() => parseJson('{"seed": 18446744073709551615}', 'Extra Body')).toThrow(
    'The number 18446744073709551615 in Extra Body would be changed',
  );
  expect(parseJson('{"seed": 5}', 'Extra Body')).toStrictEqual({ seed: 5 });
});

test('a function is no JSON', () => {
  expect(() => parseJson(() => 1, 'Input')).toThrow('Input is a function, not JSON');
});

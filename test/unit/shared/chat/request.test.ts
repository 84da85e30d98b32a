import { cpuTimeOf } from '../../../support/cpuTime';
import {
  jsonSchemaFormat,
  toFileNames,
  toStop,
  toToolChoice,
  toTools,
} from '../../../../nodes/shared/chat/request';

const schema = { type: 'object', properties: { name: { type: 'string' } } };
const wrapped = (name: string, more: object = {}) => ({
  type: 'json_schema',
  json_schema: { name, strict: true, schema, ...more },
});
const named = { name: 'person', schema };

test.each([
  ['alone', schema, wrapped('answer')],
  ['with its name', named, wrapped('person')],
  [
    'as a whole response format',
    { type: 'json_schema', json_schema: { ...named, strict: true } },
    wrapped('person'),
  ],
  [
    'in a response format without a name',
    { type: 'json_schema', json_schema: { schema } },
    wrapped('answer'),
  ],
  [
    'as the whole content of a response format',
    { type: 'json_schema', json_schema: schema },
    wrapped('answer'),
  ],
  [
    'with its name and a description',
    { name: 'person', description: 'Who', schema },
    wrapped('person', { description: 'Who' }),
  ],
  ['without its name', { schema }, wrapped('answer')],
  ['with an empty name', { name: ' ', schema }, wrapped('answer')],
  ['with a name that the API refuses', { name: 'a person!', schema }, wrapped('a_person')],
  ['with its name, in a field of the API', { json_schema: named }, wrapped('person')],
  ['wrapped twice', { name: 'outer', schema: named }, wrapped('person')],
  [
    'wrapped twice, with its name outside',
    { name: 'person', schema: { schema } },
    wrapped('person'),
  ],
  [
    'as a whole response format that is wrapped twice',
    { type: 'json_schema', json_schema: { type: 'json_schema', json_schema: named } },
    wrapped('person'),
  ],
  [
    'as a part of a request',
    { response_format: { type: 'json_schema', json_schema: named } },
    wrapped('person'),
  ],
])('a JSON schema can be written %s', (_name, given, expected) => {
  expect(jsonSchemaFormat(given)).toStrictEqual(expected);
});

test('a schema without a name is named after its title', () => {
  const titled = { title: 'A person, briefly!', type: 'object' };
  expect(jsonSchemaFormat(titled)).toMatchObject({
    json_schema: { name: 'A_person_briefly', schema: titled },
  });
});

test('a schema with a field named "schema" or "name" stays as it is', () => {
  const fields = { type: 'object', properties: { schema }, schema: {}, name: 'x' };
  expect(jsonSchemaFormat(fields)).toMatchObject({
    json_schema: { name: 'answer', schema: fields },
  });
});

test.each([
  [{ type: 'json_schema' }],
  [{ type: 'json_schema', json_schema: { name: 'a' } }],
  [{ name: 'a', schema: '{}' }],
  [{ json_schema: null }],
])('%j has no schema in it', (given) => {
  expect(() => jsonSchemaFormat(given)).toThrow('JSON Schema has no schema in it');
});

test('a title of 256 kB is made a name in a fraction of a second', async () => {
  const title = `a${'_'.repeat(256_000)}b`;
  const format = () => jsonSchemaFormat({ title, type: 'object' });
  expect(format()).toMatchObject({ json_schema: { name: 'a' } });
  expect(await cpuTimeOf(format)).toBeLessThan(1000);
});

const weather = { name: 'get_weather', parameters: { type: 'object' } };
test.each([
  ['a list of whole tools', [{ type: 'function', function: weather }]],
  ['one tool', { type: 'function', function: weather }],
  ['a list of functions', [weather]],
  ['a tool without a type', [{ function: weather }]],
])('tools can be written as %s', (_name, given) => {
  expect(toTools(given)).toStrictEqual([{ type: 'function', function: weather }]);
});

test.each([['text'], [{}], [[{ function: {} }]], [null]])('%j is not a tool', (given) => {
  expect(() => toTools(given)).toThrow('Tool 1 of Tools has no name');
});

test('a tool choice is a mode or the name of a function', () => {
  expect(['auto', 'none', 'required'].map(toToolChoice)).toStrictEqual([
    'auto',
    'none',
    'required',
  ]);
  expect(toToolChoice('get_weather')).toStrictEqual({
    type: 'function',
    function: { name: 'get_weather' },
  });
});

const named1 = { type: 'function', function: { name: 'get_weather' } };
test.each([
  ['whole', named1, named1],
  ['as JSON text', JSON.stringify(named1), named1],
  ['the function alone', { name: 'get_weather' }, named1],
  ['without its type', { function: { name: 'get_weather' } }, named1],
  [
    'of another type',
    { type: 'allowed_tools', mode: 'auto' },
    { type: 'allowed_tools', mode: 'auto' },
  ],
])('a tool choice can be an object: %s', (_name, given, expected) => {
  expect(toToolChoice(given)).toStrictEqual(expected);
});

test.each([[{}], [{ type: 'function' }], [{ name: 7 }], [true], [['a']]])(
  '%j is no tool choice',
  (given) => {
    expect(() => toToolChoice(given)).toThrow('Tool Choice names no function');
  },
);

test('stop sequences in a text are split at commas, and those in a list are kept', () => {
  expect(toStop(' END, ### ,,')).toStrictEqual(['END', '###']);
  expect(toStop(['\n', ', ', ''])).toStrictEqual(['\n', ', ']);
});

test.each([
  ['data', ['data']],
  ['data, photo,other', ['data', 'photo', 'other']],
  ['https://a.example/x.png', ['https://a.example/x.png']],
  ['https://a.example/x.png, data', ['https://a.example/x.png', 'data']],
  ['https://a.example/w_3,h_4/x.png', ['https://a.example/w_3,h_4/x.png']],
  ['https://a.example/x,https://b.example/y', ['https://a.example/x', 'https://b.example/y']],
  ['data:image/png;base64,QUJD, photo', ['data:image/png;base64,QUJD', 'photo']],
  [' , ', []],
  [undefined, []],
  [
    ['a,b', ' c '],
    ['a,b', 'c'],
  ],
])('the images %j are read as %j', (given, expected) => {
  expect(toFileNames(given, [])).toStrictEqual(expected);
});

test.each([
  ['https://a.example/x.png,data', ['https://a.example/x.png', 'data']],
  ['https://a.example/x.png,data,photo', ['https://a.example/x.png', 'data', 'photo']],
  ['https://a.example/x.png,other', ['https://a.example/x.png,other']],
  ['https://a.example/w_3,data ,h_4/x.png', ['https://a.example/w_3', 'data', 'h_4/x.png']],
  ['data:image/png;base64,data', ['data:image/png;base64,data']],
])('with the fields data and photo, the images %j are read as %j', (given, expected) => {
  expect(toFileNames(given, ['data', 'photo'])).toStrictEqual(expected);
});

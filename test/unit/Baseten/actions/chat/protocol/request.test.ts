import {
  jsonSchemaFormat,
  toImageNames,
  toStop,
  toToolChoice,
  toTools,
} from '../../../../../../nodes/Baseten/actions/chat/protocol/request';

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
])('a JSON schema can be written %s', (_name, given, expected) => {
  expect(jsonSchemaFormat(given)).toStrictEqual(expected);
});

test('a schema without a name is named after its title', () => {
  const titled = { title: 'A person, briefly!', type: 'object' };
  expect(jsonSchemaFormat(titled)).toMatchObject({
    json_schema: { name: 'A_person_briefly', schema: titled },
  });
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
  expect(toImageNames(given)).toStrictEqual(expected);
});

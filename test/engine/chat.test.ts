import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { json, MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId, chat } from '../support/parameters';
import { runBaseten, type NodeRun } from '../../host/n8n/engine';

const emulator = useEmulator();
const PNG = Buffer.from('iVBORw0KGgo=', 'base64');
const tool = (name: string) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { input: { type: 'string' } } } },
});

const run = async (parameters: INodeParameters = {}, more: Partial<NodeRun> = {}) =>
  await runBaseten({
    credential: credentialFor(emulator()),
    parameters: chat(parameters),
    ...more,
  });
const sentBodies = () => emulator().requests.map((request) => request.json() as IDataObject);

/** A deployment whose server answers all chats with this message. */
function answering(message: object, finishReason = 'stop'): INodeParameters {
  const completion = {
    choices: [
      { index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason },
    ],
  };
  emulator().addModel({
    id: 'fixed001',
    name: 'Fixed',
    handler: () => json({}),
    server: () => json(completion),
  });
  return { source: 'deployment', modelId: byId('fixed001') };
}

test('a prompt gets an answer from a Model API', async () => {
  const { items } = await run();
  expect(items).toStrictEqual([
    {
      json: {
        content: 'Simulated answer to "Hello".',
        reasoning: '',
        toolCalls: [],
        finishReason: 'stop',
        usage: expect.objectContaining({ total_tokens: expect.any(Number) }),
        model: MODEL_API_SLUGS.chat,
      },
      pairedItem: { item: 0 },
    },
  ]);
  expect(emulator().requests[0]?.path).toBe('/inference/v1/chat/completions');
});

test('only the fields that the user set are sent', async () => {
  await run();
  expect(sentBodies()).toStrictEqual([
    { model: MODEL_API_SLUGS.chat, messages: [{ role: 'user', content: 'Hello' }] },
  ]);
});

test.each([
  ['production', { target: 'production' }, '/environments/production/sync'],
  [
    'an environment',
    { target: 'environment', environment: byId('staging') },
    '/environments/staging/sync',
  ],
])('a deployment is called at its OpenAI-compatible route: %s', async (_name, target, path) => {
  const model = { source: 'deployment', modelId: byId(MODEL_IDS.llm), model: byId('baseten') };
  const { items } = await run({ ...model, ...target });
  expect(items[0]?.json.content).toBe('Simulated answer to "Hello".');
  expect(emulator().requests[0]?.path).toBe(`/model-${MODEL_IDS.llm}${path}/v1/chat/completions`);
});

test('a deployment is asked for "baseten" if no model is named', async () => {
  const { items } = await run({
    source: 'deployment',
    modelId: byId(MODEL_IDS.llm),
    model: byId(''),
  });
  expect(items[0]?.json.model).toBe('baseten');
});

test('each item has its own prompt and answer, in order', async () => {
  const texts = ['a', 'b', 'c'];
  const { items } = await run(
    { prompt: '={{ $json.text }}' },
    { items: texts.map((text) => ({ json: { text } })) },
  );
  expect(items.map(({ json }) => json.content)).toStrictEqual(
    texts.map((text) => `Simulated answer to "${text}".`),
  );
});

test('without Simplify, the output is Baseten’s response', async () => {
  const { items } = await run({ simplify: false, model: byId(MODEL_API_SLUGS.thinker) });
  expect(items[0]?.json).toMatchObject({
    object: 'chat.completion',
    choices: [
      {
        message: { role: 'assistant', content: expect.stringMatching(/^<think>/) },
        finish_reason: 'stop',
      },
    ],
  });
});

const { reasoner, reasonerPlain, thinker } = MODEL_API_SLUGS;
test.each([reasoner, reasonerPlain, thinker])(
  'the reasoning of %s is separated from the content',
  async (model) => {
    const { items } = await run({ model: byId(model) });
    expect(items[0]?.json).toMatchObject({
      content: 'Simulated answer to "Hello".',
      reasoning: expect.stringMatching(/^The user wrote 5 characters.*think\.$/),
    });
  },
);

test('a conversation is sent in order, after the instructions, without empty messages', async () => {
  const message = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: '' },
    { role: 'user', content: 'Who are you?' },
  ];
  await run({
    promptType: 'messages',
    messages: { message },
    options: { systemMessage: 'Be brief.' },
  });
  expect(sentBodies()[0]?.messages).toStrictEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: 'Who are you?' },
  ]);
});

describe('images', () => {
  const withImages = (imageBinaryProperties: string, content = 'What is it?'): INodeParameters => ({
    promptType: 'messages',
    messages: { message: [{ role: 'user', content, imageBinaryProperties }] },
  });

  test('are sent from binary data and by address', async () => {
    const photo = binaryItem('photo', PNG, 'image/png');
    const { items } = await run(withImages('photo, https://example.com/fox.png'), {
      items: [photo],
    });
    expect(items[0]?.json.content).toMatch(
      /image of type image\/png with 8 bytes.*image at https:.*fox\.png/,
    );
    expect(sentBodies()[0]?.messages).toStrictEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          { type: 'image_url', image_url: { url: 'https://example.com/fox.png' } },
        ],
      },
    ]);
  });

  test('need no text beside them', async () => {
    await run(withImages('https://example.com/fox.png', ''));
    expect(sentBodies()[0]?.messages).toMatchObject([{ content: [{ type: 'image_url' }] }]);
  });

  test('the error about a missing field names the fields that exist', async () => {
    const { error } = await run(withImages('picture'), {
      items: [binaryItem('photo', PNG, 'image/png')],
    });
    expect(error?.message).toBe('The item has no binary data in "picture"');
    expect(error?.description).toMatch(/"photo"/);
  });

  test('a file that is not an image is refused', async () => {
    const { error } = await run(withImages('data'), {
      items: [binaryItem('data', PNG, 'application/pdf')],
    });
    expect(error?.message).toBe(
      'The binary data in "data" is not an image: its type is application/pdf',
    );
    expect(emulator().requests).toHaveLength(0);
  });
});

describe('tools', () => {
  test('a tool call in the output has its arguments parsed', async () => {
    const tools = JSON.stringify([tool('get_weather')]);
    const { items } = await run({ prompt: 'How is the weather in Oslo?', options: { tools } });
    expect(items[0]?.json).toMatchObject({
      content: '',
      finishReason: 'tool_calls',
      toolCalls: [
        {
          id: expect.stringMatching(/^call_/),
          name: 'get_weather',
          arguments: { input: expect.any(String) },
        },
      ],
    });
  });

  test('the model can be made to call a function, or not to call any', async () => {
    const tools = JSON.stringify([tool('first'), tool('second')]);
    const forced = await run({ options: { tools, toolChoice: 'second' } });
    expect(forced.items[0]?.json.toolCalls).toMatchObject([{ name: 'second' }]);
    const none = await run({ prompt: 'first', options: { tools, toolChoice: 'none' } });
    expect(none.items[0]?.json.toolCalls).toStrictEqual([]);
  });

  test('an empty list of tools is not sent, nor a choice among them', async () => {
    await run({ options: { tools: '[]', toolChoice: 'auto' } });
    expect(Object.keys(sentBodies()[0] ?? {})).toStrictEqual(['model', 'messages']);
  });
});

describe('JSON', () => {
  const jsonSchema =
    '{"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}';

  test('an object is parsed', async () => {
    const { items } = await run({ options: { responseFormat: 'json_object' } });
    expect(items[0]?.json.json).toStrictEqual({ answer: 'Simulated answer to "Hello".' });
  });

  test('an answer by a schema is parsed', async () => {
    const { items } = await run({
      prompt: 'I am 42',
      options: { responseFormat: 'json_schema', jsonSchema },
    });
    expect(items[0]?.json.json).toStrictEqual({ age: 42 });
  });

  test('a broken answer is an error that shows its text', async () => {
    const model = answering({ content: 'Sure: {"age": ' });
    const { error } = await run({ ...model, options: { responseFormat: 'json_object' } });
    expect(error?.message).toBe('The answer of model fixed001 is not valid JSON');
    expect(error?.description).toMatch(/It was: Sure: \{"age":/);
  });

  test('the error about a cut-off answer says that the limit of tokens is why', async () => {
    const { error } = await run({ options: { responseFormat: 'json_object', maxTokens: 1 } });
    expect(error?.message).toMatch(/is not valid JSON$/);
    expect(error?.description).toMatch(
      /^The answer reached the limit of tokens.*It was: \{"answer/s,
    );
  });
});

test('if the node goes on after errors, its item has all that came of the answer', async () => {
  const content = `Sure! ${'x'.repeat(5000)}`;
  const { items } = await run(
    { ...answering({ content, reasoning: 'hm' }), options: { responseFormat: 'json_object' } },
    { onError: 'continueRegularOutput' },
  );
  expect(items[0]?.json.details).toMatchObject({
    received: { content, reasoning: 'hm', toolCalls: [], finishReason: 'stop' },
  });
});

test('if the node stops, the error’s data has all that came of the answer', async () => {
  const { error } = await run({
    ...answering({ content: 'Sure!' }),
    options: { responseFormat: 'json_object' },
  });
  expect(error?.context).toMatchObject({ data: { received: { content: 'Sure!' } } });
});

test('several choices come out under "choices"', async () => {
  const message = (content: string) => ({ role: 'assistant', content });
  const choices = ['a', 'b'].map((content, index) => ({
    index,
    message: message(content),
    finish_reason: 'stop',
  }));
  const server = () => json({ choices });
  emulator().addModel({ id: 'fixed001', name: 'Fixed', handler: server, server });
  const source = { source: 'deployment', modelId: byId('fixed001') };
  const { items } = await run({ ...source, options: { extraBody: { n: 2 } } });
  expect(items[0]?.json).toMatchObject({
    content: 'a',
    choices: [
      { content: 'a', finishReason: 'stop' },
      { content: 'b', finishReason: 'stop' },
    ],
  });
});

test('answers at the limit of tokens cause one hint, and each item says so', async () => {
  const { items, run: execution } = await run(
    { options: { maxTokens: 2 } },
    { items: [{ json: {} }, { json: {} }] },
  );
  expect(items.map(({ json }) => json.finishReason)).toStrictEqual(['length', 'length']);
  const hints = execution.data.resultData.runData.Baseten?.[0]?.hints;
  expect(hints).toHaveLength(1);
  expect(hints?.[0]).toMatchObject({
    type: 'warning',
    message: expect.stringMatching(/limit of tokens/),
  });
});

describe('errors', () => {
  test('name a Model API that does not exist', async () => {
    const { error } = await run({ model: byId('org/nope') });
    expect(error).toMatchObject({
      httpCode: '404',
      message: 'Baseten did not find Model API org/nope',
    });
    expect(error?.description).toMatch(/org\/nope is not served/);
  });

  test('name a model that the deployment does not serve', async () => {
    const { error } = await run({
      source: 'deployment',
      modelId: byId(MODEL_IDS.llm),
      model: byId('other'),
    });
    expect(error).toMatchObject({
      httpCode: '404',
      description: expect.stringMatching(/Model other is not served/),
    });
  });

  test('name a field that Model APIs don’t know', async () => {
    const { error } = await run({ options: { extraBody: '{"frobnicate": 1}' } });
    expect(error).toMatchObject({
      httpCode: '400',
      description: expect.stringMatching(/unknown field "frobnicate"/),
    });
  });

  test('say that the response is something else than a chat completion', async () => {
    const server = () => json({ prediction: 7 });
    emulator().addModel({ id: 'fixed001', name: 'Fixed', handler: server, server });
    const { error } = await run({ source: 'deployment', modelId: byId('fixed001') });
    expect(error?.message).toBe('The response of model fixed001 is not a chat completion');
    expect(error?.description).toMatch(/It was: \{"prediction":7\}/);
  });

  test.each([
    ['a missing model', { model: byId('') }, /^No model is named/],
    ['an empty prompt', { prompt: ' ' }, /^There is nothing to say to the model/],
    [
      'a conversation without messages',
      { promptType: 'messages', messages: {} },
      /^There is nothing to say/,
    ],
    [
      'a system message alone',
      { prompt: '={{ "" }}', options: { systemMessage: 'Be brief' } },
      /^There is nothing/,
    ],
    ['broken tools', { options: { tools: '[{' } }, /^Tools is not valid JSON/],
    [
      'a tool without a name',
      { options: { tools: '[{"type": "function"}]' } },
      /^Tool 1 of Tools has no name/,
    ],
    [
      'a broken schema',
      { options: { responseFormat: 'json_schema', jsonSchema: '{' } },
      /^JSON Schema is not valid/,
    ],
    [
      'an extra body that is a list',
      { options: { extraBody: '[]' } },
      /^Extra Body is not a JSON object/,
    ],
    [
      'an extra body that turns streaming on',
      { options: { extraBody: '{"stream": true}' } },
      /^Extra Body can’t set whether/,
    ],
    [
      'more tokens than Baseten takes',
      { options: { maxTokens: 262_145 } },
      /^Max Tokens can't be 262145/,
    ],
    ['a part of a token', { options: { maxTokens: 10.5 } }, /^Max Tokens can't be 10.5/],
    ['a part of a seed', { options: { seed: 0.5 } }, /^Seed can't be 0.5/],
    ['no schema', { options: { responseFormat: 'json_schema' } }, /^JSON Schema is empty/],
    [
      'a name without its schema',
      { options: { responseFormat: 'json_schema', jsonSchema: '{"name": "a"}' } },
      /^JSON Schema has no schema in it/,
    ],
    [
      'a tool choice that names no function',
      { options: { tools: '[{"name": "a"}]', toolChoice: '={{ { "type": "function" } }}' } },
      /^Tool Choice names no function/,
    ],
    ['an impossible temperature', { options: { temperature: 5 } }, /^Temperature can't be 5/],
    [
      'a text for a number',
      { options: { maxTokens: '={{ "many" }}' } },
      /^Max Tokens can't be "many"/,
    ],
  ])('come before anything is sent: %s', async (_name, parameters, message) => {
    const { error } = await run(parameters);
    expect(error?.message).toMatch(message);
    expect(emulator().requests).toHaveLength(0);
  });
});

test('fields of the extra body replace other fields, and the messages, too', async () => {
  const messages = [{ role: 'user', content: 'From the body' }];
  const extraBody = { temperature: 0, top_k: 4, messages };
  const { items } = await run({ promptType: 'messages', options: { temperature: 1, extraBody } });
  expect(items[0]?.json.content).toBe('Simulated answer to "From the body".');
  expect(sentBodies()[0]).toMatchObject({ temperature: 0, top_k: 4, messages });
});

import { readFileSync } from 'node:fs';

import Ajv from 'ajv';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId, chat } from '../support/parameters';
import { runBaseten, type NodeRun } from '../../host/n8n/engine';

const emulator = useEmulator();
const tool = (name: string) => ({
  type: 'function',
  function: { name, parameters: { type: 'object' } },
});
const run = async (parameters: INodeParameters, more: Partial<NodeRun> = {}) =>
  await runBaseten({
    credential: credentialFor(emulator()),
    parameters: chat(parameters),
    ...more,
  });
const sentBodies = () => emulator().requests.map((request) => request.json() as IDataObject);

/** Every option in several forms, with the fields that must be sent for it. */
const OPTIONS: Array<[string, INodeParameters, IDataObject]> = [
  ['temperature', { temperature: 0 }, { temperature: 0 }],
  ['temperature as text', { temperature: '={{ "0.7" }}' }, { temperature: 0.7 }],
  ['maxTokens', { maxTokens: 100 }, { max_tokens: 100 }],
  ['topP', { topP: 0.5 }, { top_p: 0.5 }],
  ['stop', { stop: 'END, ###' }, { stop: ['END', '###'] }],
  ['stop as a list', { stop: '={{ ["\\n"] }}' }, { stop: ['\n'] }],
  ['an empty stop', { stop: '' }, {}],
  ['seed', { seed: 0 }, { seed: 0 }],
  ['frequencyPenalty', { frequencyPenalty: -0.5 }, { frequency_penalty: -0.5 }],
  ['presencePenalty', { presencePenalty: 1.5 }, { presence_penalty: 1.5 }],
  ['reasoningEffort', { reasoningEffort: 'high' }, { reasoning_effort: 'high' }],
  ['the highest reasoningEffort', { reasoningEffort: 'xhigh' }, { reasoning_effort: 'xhigh' }],
  ['thinking as by default', { thinking: 'default' }, {}],
  [
    'thinking switched on',
    { thinking: 'on' },
    { chat_template_args: { enable_thinking: true, thinking: true } },
  ],
  [
    'thinking switched off',
    { thinking: 'off' },
    {
      chat_template_args: { enable_thinking: false, thinking: false },
      reasoning_effort: 'none',
    },
  ],
  [
    'thinking switched off with an effort',
    { thinking: 'off', reasoningEffort: 'low' },
    {
      chat_template_args: { enable_thinking: false, thinking: false },
      reasoning_effort: 'low',
    },
  ],
  ['sessionId', { sessionId: 'a' }, {}],
  ['text', { responseFormat: 'text' }, { response_format: { type: 'text' } }],
  ['JSON', { responseFormat: 'json_object' }, { response_format: { type: 'json_object' } }],
  [
    'a JSON schema',
    { responseFormat: 'json_schema', jsonSchema: '{"type": "object"}' },
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', strict: true, schema: { type: 'object' } },
      },
    },
  ],
  [
    'a whole JSON schema format',
    {
      responseFormat: 'json_schema',
      jsonSchema: '{"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}',
    },
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'a', strict: true, schema: {} },
      },
    },
  ],
  [
    'a choice',
    { responseFormat: 'choice', choices: 'good, bad' },
    {
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'choice',
          strict: true,
          schema: {
            type: 'object',
            properties: { choice: { type: 'string', enum: ['good', 'bad'] } },
            required: ['choice'],
            additionalProperties: false,
          },
        },
      },
    },
  ],
  ['tools', { tools: JSON.stringify([tool('a')]) }, { tools: [tool('a')] }],
  [
    'a bare function and its name',
    { tools: JSON.stringify(tool('a').function), toolChoice: 'a' },
    { tools: [tool('a')], tool_choice: { type: 'function', function: { name: 'a' } } },
  ],
  [
    'toolChoice',
    { tools: JSON.stringify([tool('a')]), toolChoice: 'required' },
    { tools: [tool('a')], tool_choice: 'required' },
  ],
  [
    'toolChoice as an object',
    {
      tools: JSON.stringify([tool('a')]),
      toolChoice: '={{ { "type": "function", "function": { "name": "a" } } }}',
    },
    { tools: [tool('a')], tool_choice: { type: 'function', function: { name: 'a' } } },
  ],
  ['extraBody', { extraBody: '{"top_k": 3, "user": "u"}' }, { top_k: 3, user: 'u' }],
  ['an empty extraBody', { extraBody: '' }, {}],
];
const EVERYTHING = Object.assign({}, ...OPTIONS.map(([, options]) => options)) as INodeParameters;

test.each(OPTIONS)(
  '%s is sent in the API’s form, and nothing else is sent',
  async (_name, options, expected) => {
    await run({ options: { ...options, timeout: 60, maxRetries: 1 } });
    const { messages } = sentBodies()[0] ?? {};
    expect(sentBodies()).toStrictEqual([{ model: MODEL_API_SLUGS.chat, messages, ...expected }]);
  },
);

test.each([
  ['on', { enable_thinking: true, thinking: true }],
  ['off', { enable_thinking: false, thinking: false }],
])('a deployment gets thinking: %s by the name that its server knows', async (thinking, sent) => {
  const source = { source: 'deployment', modelId: byId(MODEL_IDS.llm), target: 'production' };
  await run({ ...source, model: byId('baseten'), options: { thinking } });
  const messages = [{ role: 'user', content: 'Hello' }];
  expect(sentBodies()).toStrictEqual([{ model: 'baseten', messages, chat_template_kwargs: sent }]);
});

test.each([
  ['a text', 'chat-17', 'chat-17'],
  ['a number', '={{ 17 }}', '17'],
  ['a text that no header can have', 'Größe 1', 'Gr%C3%B6%C3%9Fe%201'],
])('a session is named in a header: %s', async (_name, sessionId, sent) => {
  await run({ options: { sessionId } });
  expect(emulator().requests[0]?.headers['x-session-affinity']).toBe(sent);
});

test.each(['', '={{ undefined }}'])(
  'without a session (%j) there is no header',
  async (sessionId) => {
    await run({ options: { sessionId } });
    expect(emulator().requests[0]?.headers).not.toHaveProperty('x-session-affinity');
  },
);

test.each([
  ['={{ ({ a: 1 }) }}', 'Session ID is not a text'],
  ['x'.repeat(501), 'Session ID has 501 characters'],
])('what is no session is refused', async (sessionId, message) => {
  expect((await run({ options: { sessionId } })).error?.message).toBe(message);
  expect(emulator().requests).toHaveLength(0);
});

test('tokens that a session has in the cache are in the usage', async () => {
  const usages = [];
  for (const sessionId of ['cache-1', 'cache-1', 'cache-2']) {
    const { items } = await run({ options: { sessionId } });
    usages.push((items[0]?.json.usage as IDataObject).prompt_tokens_details);
  }
  expect(usages).toStrictEqual([
    { cached_tokens: 0 },
    { cached_tokens: expect.any(Number) },
    { cached_tokens: 0 },
  ]);
  expect((usages[1] as { cached_tokens: number }).cached_tokens).toBeGreaterThan(0);
});

const schemaFile = process.env.BASETEN_CHAT_SCHEMA;
if (schemaFile) {
  describe('by Baseten’s own schema, the request', () => {
    const validate = new Ajv({ strict: false }).compile(
      JSON.parse(readFileSync(schemaFile, 'utf8')),
    );
    const check = () => {
      const [body] = sentBodies();
      expect([validate(body), validate.errors]).toStrictEqual([true, null]);
    };
    test.each(OPTIONS)('is valid for %s', async (_name, options) => {
      await run({ options });
      check();
    });

    test.each(['text', 'json_object', 'json_schema', 'choice'])(
      'is valid for all options at once, with %s',
      async (responseFormat) => {
        const options = {
          ...EVERYTHING,
          systemMessage: 'Be brief.',
          extraBody: '{"min_p": 0.1}',
          responseFormat,
        };
        await run({ options });
        check();
      },
    );

    test.each([
      ['wav', 'audio/wav'],
      ['mp3', 'audio/mpeg'],
    ])('is valid for audio: %s', async (format, mimeType) => {
      const recording = binaryItem('recording', Buffer.from('sound'), mimeType);
      const message = [
        { role: 'user', content: 'Who speaks?', audioBinaryProperties: 'recording' },
      ];
      await run({ promptType: 'messages', messages: { message } }, { items: [recording] });
      check();
      expect(JSON.stringify(sentBodies()[0])).toContain(`"format":"${format}"`);
    });

    test('is valid for images and a conversation', async () => {
      const photo = binaryItem('photo', Buffer.from('image'), 'image/png');
      const message = [
        { role: 'assistant', content: 'Show me.' },
        {
          role: 'user',
          content: 'Here',
          imageBinaryProperties: 'photo, https://example.com/a.png',
        },
      ];
      await run({ promptType: 'messages', messages: { message } }, { items: [photo] });
      check();
    });
  });
}

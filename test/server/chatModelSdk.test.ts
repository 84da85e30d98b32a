import { createRequire } from 'node:module';
import { join } from 'node:path';

import type * as AiNodeSdk from '@n8n/ai-node-sdk';

import { MODEL_API_SLUGS } from '../../emulator';
import { missingIn, type Adapter } from '../../nodes/LmChatBaseten/adapter';
import { supplyChatModel } from '../../nodes/LmChatBaseten/supplyChatModel';
import { credentialFor, useEmulator } from '../support/emulator';
import { installedHost } from '../support/installedHost';
import { subNodeContext, type LoggedCall } from '../support/subNodeContext';

const MINUTE = 60_000;
const emulator = useEmulator();
const tool = {
  type: 'function',
  function: {
    name: 'calculator',
    description: 'Calculates',
    parameters: { type: 'object', properties: { input: { type: 'string' } } },
  },
};

/** A message of LangChain, as far as the tests look at it. */
interface Message {
  text: string;
  content: unknown;
  tool_calls: Array<{ id: string; name: string; args: unknown }>;
  additional_kwargs: Record<string, unknown>;
  usage_metadata?: Record<string, unknown>;
  concat(other: Message): Message;
}

/** A model of LangChain. */
interface Model extends Adapter {
  invoke(messages: unknown, options?: object): Promise<Message>;
  stream(messages: unknown): Promise<AsyncIterable<Message>>;
  bindTools(tools: unknown[], settings?: object): Model;
}

let sdk: typeof AiNodeSdk;
beforeAll(async () => {
  const { folder } = await installedHost();
  const langchain = 'node_modules/@n8n/n8n-nodes-langchain/package.json';
  sdk = createRequire(join(folder, langchain))('@n8n/ai-node-sdk') as typeof AiNodeSdk;
}, 20 * MINUTE);

/** The model that n8n's own SDK makes. */
async function supplied(name: string): Promise<{ model: Model; log: LoggedCall[] }> {
  const { context, log } = subNodeContext({
    parameters: { source: 'modelApi', model: name },
    credential: credentialFor(emulator()),
  });
  Object.assign(context, { getNextRunIndex: () => 0, logAiEvent: () => {} });
  const { response } = await supplyChatModel(context, 0, async () => sdk);
  return { model: response as Model, log };
}

async function streamed(model: Model, messages: unknown): Promise<Message> {
  let whole: Message | undefined;
  for await (const chunk of await model.stream(messages)) whole = whole?.concat(chunk) ?? chunk;
  if (!whole) throw new Error('Nothing came');
  return whole;
}

const HELLO = [['human', 'Hello']];
const SUMS = [['human', 'Work out 6*7 and 2+3']];
const argsOf = ({ tool_calls: calls }: Message) => calls.map(({ args }) => args);

test('n8n’s SDK has all that the chat model leans on', async () => {
  const { response } = sdk.supplyModel(subNodeContext({ parameters: {} }).context, {
    provider: 'baseten',
    modelId: 'm',
    generate: async () => ({ message: { role: 'assistant', content: [] } }),
    async *stream() {},
    withTools() {
      return this;
    },
  });
  expect(missingIn(response)).toStrictEqual([]);
  const schema = { type: 'object' };
  expect(sdk.getParametersJsonSchema({ name: 'a', inputSchema: schema })).toStrictEqual(schema);
});

test.each([MODEL_API_SLUGS.reasoner, MODEL_API_SLUGS.reasonerPlain, MODEL_API_SLUGS.thinker])(
  'an answer of %s is the same whole and streamed, with its reasoning apart',
  async (name) => {
    const { model } = await supplied(name);
    for (const answer of [await model.invoke(HELLO), await streamed(model, HELLO)]) {
      expect(answer.text).toBe('Simulated answer to "Hello".');
      expect(answer.additional_kwargs.reasoning_content).toMatch(/^The user wrote 5 characters/);
      expect(answer.usage_metadata).toMatchObject({
        input_token_details: { cache_read: 0 },
        output_tokens: expect.any(Number),
      });
    }
  },
);

test('the pieces of a stream are put together to a text, not to a list', async () => {
  const { model } = await supplied(MODEL_API_SLUGS.chat);
  expect((await streamed(model, HELLO)).content).toBe('Simulated answer to "Hello".');
});

test.each([
  MODEL_API_SLUGS.chat,
  ...['id-emptied', 'index-zero', 'no-index', 'no-id', 'name-in-pieces'].map((way) => `odd/${way}`),
])('calls of %s stay apart, whole and streamed', async (name) => {
  const model = (await supplied(name)).model.bindTools([tool]);
  for (const answer of [await model.invoke(SUMS), await streamed(model, SUMS)]) {
    expect(argsOf(answer)).toStrictEqual([{ input: '6*7' }, { input: '2+3' }]);
    expect(new Set(answer.tool_calls.map(({ id }) => id)).size).toBe(2);
    expect(answer.tool_calls.map((call) => call.name)).toStrictEqual(['calculator', 'calculator']);
  }
});

test('the choice of a tool goes out, given with the tools or with the call', async () => {
  const { model } = await supplied(MODEL_API_SLUGS.chat);
  const choice = () => (emulator().requests.at(-1)?.json() as Record<string, unknown>).tool_choice;
  await model.bindTools([tool], { tool_choice: 'any' }).invoke(HELLO);
  expect(choice()).toBe('required');
  await model.bindTools([tool]).invoke(HELLO, { tool_choice: 'calculator' });
  expect(choice()).toStrictEqual({ type: 'function', function: { name: 'calculator' } });
  await model.bindTools([tool]).invoke(HELLO);
  expect(choice()).toBeUndefined();
});

test.each(['whole', 'streamed'])('n8n’s log has the call and its tokens: %s', async (how) => {
  const { model, log } = await supplied(MODEL_API_SLUGS.reasoner);
  if (how === 'whole') await model.invoke(HELLO);
  else await streamed(model, HELLO);
  expect(log).toMatchObject([
    {
      type: 'ai_languageModel',
      input: [[{ json: { options: { model: MODEL_API_SLUGS.reasoner } } }]],
      output: [
        [
          {
            json: {
              response: { generations: [[{ text: 'Simulated answer to "Hello".' }]] },
              tokenUsage: {
                promptTokens: expect.any(Number),
                cachedTokens: 0,
                reasoningTokens: expect.any(Number),
              },
            },
          },
        ],
      ],
    },
  ]);
});

test.each(['whole', 'streamed'])('an error is thrown, and in n8n’s log: %s', async (how) => {
  emulator().faults.add({ kind: 'status', status: 401 });
  const { model, log } = await supplied(MODEL_API_SLUGS.chat);
  const asking = how === 'whole' ? model.invoke(HELLO) : streamed(model, HELLO);
  await expect(asking).rejects.toMatchObject({ message: 'Baseten refused the API key' });
  expect(log[0]?.output).toMatchObject({ message: 'Baseten refused the API key' });
});

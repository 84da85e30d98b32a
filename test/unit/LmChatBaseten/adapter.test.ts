import type { SdkOptions } from '@n8n/ai-node-sdk';

import { missingIn, tuned, type Adapter } from '../../../nodes/LmChatBaseten/adapter';
import { OWN_CALL, type OwnCall } from '../../../nodes/LmChatBaseten/chatModel';

const USAGE = {
  prompt_tokens: 5,
  completion_tokens: 2,
  total_tokens: 7,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 1 },
};
const ANSWER = { text: 'Hi', reasoning: 'hm', calls: [], finishReason: 'stop', usage: USAGE };
const MESSAGES = [{ type: 'human', content: 'Hello' }];

const ownCallOf = (options: SdkOptions) => options[OWN_CALL] as OwnCall;

/** What n8n's SDK makes of a model, as far as it is changed. */
function adapter() {
  const asked: OwnCall[] = [];
  const answer = (options: SdkOptions) => {
    asked.push(ownCallOf(options));
    ownCallOf(options).answer = ANSWER;
  };
  const made: Adapter = {
    async _generate(_messages, options) {
      answer(options);
      return { generations: [{ text: 'Hi', message: { content: [], usage_metadata: {} } }] };
    },
    async *_streamResponseChunks(_messages, options) {
      yield { text: 'Hi', message: { content: [{ type: 'text', text: 'Hi' }] } };
      answer(options);
      const message = { content: '', usage_metadata: {} };
      yield { text: '', message, generationInfo: { finish_reason: 'stop' } };
    },
    bindTools: () => adapter().made,
    callbacks: [{ options: { tokensUsageParser: () => ({ completionTokens: 99 }) } }],
  };
  return { made, asked };
}
const shown = { model: 'm', fields: { temperature: 0 } };

test('a call has LangChain’s messages, and its answer the reasoning, the tokens and its end', async () => {
  const { made, asked } = adapter();
  const { generations } = await tuned(made, shown)._generate(MESSAGES, {});
  expect(asked[0]?.messages).toBe(MESSAGES);
  expect(generations).toStrictEqual([
    {
      text: 'Hi',
      message: {
        content: [],
        additional_kwargs: { reasoning_content: 'hm' },
        usage_metadata: {
          input_token_details: { cache_read: 3 },
          output_token_details: { reasoning: 1 },
        },
      },
      generationInfo: { finish_reason: 'stop', usage: USAGE },
    },
  ]);
});

test('a streamed call has the same, and its pieces are text', async () => {
  const { made, asked } = adapter();
  const chunks = [];
  for await (const chunk of tuned(made, shown)._streamResponseChunks(MESSAGES, {}))
    chunks.push(chunk);
  expect(asked[0]?.messages).toBe(MESSAGES);
  expect(chunks).toMatchObject([
    { message: { content: 'Hi' } },
    {
      message: {
        additional_kwargs: { reasoning_content: 'hm' },
        usage_metadata: { input_token_details: { cache_read: 3 } },
      },
      generationInfo: { finish_reason: 'stop', usage: USAGE },
    },
  ]);
});

test.each([
  ['with the tools', { tool_choice: 'any' }, {}, 'any'],
  ['with the call', undefined, { tool_choice: 'f' }, 'f'],
  ['with both', { tool_choice: 'any' }, { tool_choice: 'none' }, 'none'],
  ['nowhere', undefined, {}, undefined],
])('the choice of a tool reaches the model: given %s', async (_name, binding, options, choice) => {
  const bound = adapter();
  const { made } = adapter();
  made.bindTools = () => bound.made;
  await tuned(made, shown).bindTools([], binding)._generate(MESSAGES, options);
  expect(bound.asked[0]?.toolChoice).toBe(choice);
});

/** What n8n's log shows of the tokens of a call. */
const tokensOf = ({ callbacks }: Adapter, generationInfo: object) => {
  const [log] = callbacks as Array<{ options: { tokensUsageParser(end: unknown): unknown } }>;
  return log?.options.tokensUsageParser({ generations: [[{ generationInfo }]] });
};

test('n8n’s log shows the tokens that the server counted, cached ones apart', () => {
  const made = tuned(adapter().made, shown);
  expect(tokensOf(made, { usage: USAGE })).toStrictEqual({
    promptTokens: 5,
    completionTokens: 2,
    totalTokens: 7,
    cachedTokens: 3,
    reasoningTokens: 1,
  });
  expect(tokensOf(made, {})).toStrictEqual({ completionTokens: 99 });
  expect(tokensOf(made, { usage: { prompt_tokens: 5, completion_tokens: '2' } })).toStrictEqual({
    promptTokens: 5,
    completionTokens: 0,
    totalTokens: 5,
  });
});

test('tokens are estimated here', async () => {
  const { getNumTokens } = tuned(adapter().made, shown);
  expect(await getNumTokens?.('four words are here')).toBe(5);
  expect(await getNumTokens?.([{ type: 'text', text: '你好' }, { type: 'image_url' }])).toBe(2);
});

test('a run shows the model and the fields of its requests', () => {
  expect(tuned(adapter().made, shown).toJSON?.()).toMatchObject({
    type: 'constructor',
    kwargs: { model: 'm', temperature: 0 },
  });
});

test.each([
  [{ type: 'json_object' }, true],
  [{ type: 'json_schema', json_schema: {} }, true],
  [{ type: 'text' }, false],
  [undefined, false],
])('chains parse an answer of the format %j: %j', (format, isJson) => {
  const made = tuned(adapter().made, { model: 'm', fields: { response_format: format } });
  expect(made.metadata?.output_format).toBe(isJson ? 'json' : undefined);
  expect(made.modelKwargs).toStrictEqual(isJson ? { response_format: format } : undefined);
});

test('what is missing in an adapter is named', () => {
  expect(missingIn(adapter().made)).toStrictEqual([]);
  expect(missingIn({})).toStrictEqual([
    '_generate',
    '_streamResponseChunks',
    'bindTools',
    'tokensUsageParser',
  ]);
  expect(missingIn({ ...adapter().made, callbacks: [{}] })).toStrictEqual(['tokensUsageParser']);
  expect(missingIn(undefined)).toHaveLength(4);
});

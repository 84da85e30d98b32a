import OpenAI from 'openai';
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming as Request,
} from 'openai/resources/chat/completions';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';
import { runStreaming } from '../support/chatStreaming';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();
const { chat, reasoner, reasonerPlain, thinker } = MODEL_API_SLUGS;
const schema = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] };
const calculator = {
  type: 'function' as const,
  function: {
    name: 'calculator',
    parameters: { type: 'object', properties: { input: { type: 'string' } } },
  },
};

type Case = [name: string, parameters: INodeParameters, request: Partial<Request>];
const CASES: Case[] = [
  ['a prompt', { prompt: 'Hello' }, {}],
  [
    'instructions',
    { prompt: 'Hello', options: { systemMessage: 'Be brief.' } },
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    },
  ],
  ['a limit of tokens', { prompt: 'Hello', options: { maxTokens: 2 } }, { max_tokens: 2 }],
  ['a stop sequence', { prompt: 'Hello', options: { stop: 'answer' } }, { stop: ['answer'] }],
  ['reasoning_content', { prompt: 'Hello', model: byId(reasoner) }, { model: reasoner }],
  ['reasoning', { prompt: 'Hello', model: byId(reasonerPlain) }, { model: reasonerPlain }],
  ['a <think> block', { prompt: 'Hello', model: byId(thinker) }, { model: thinker }],
  [
    'JSON',
    { prompt: 'Hello', options: { responseFormat: 'json_object' } },
    {
      response_format: { type: 'json_object' },
    },
  ],
  [
    'a schema',
    {
      prompt: 'I am 42',
      options: { responseFormat: 'json_schema', jsonSchema: JSON.stringify(schema) },
    },
    {
      messages: [{ role: 'user', content: 'I am 42' }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema, strict: true },
      },
    },
  ],
  [
    'tools',
    { prompt: 'Work out 6*7 and 2+3', options: { tools: JSON.stringify([calculator]) } },
    {
      messages: [{ role: 'user', content: 'Work out 6*7 and 2+3' }],
      tools: [calculator],
    },
  ],
];

const parametersOf = (parameters: INodeParameters): INodeParameters => ({
  resource: 'chat',
  operation: 'complete',
  model: byId(chat),
  simplify: false,
  ...parameters,
});
const requestOf = (request: Partial<Request>): Request => ({
  model: chat,
  messages: [{ role: 'user', content: 'Hello' }],
  ...request,
});
/** Fields that Baseten's models have besides OpenAI's. */
interface Reasoning {
  reasoning?: string;
  reasoning_content?: string;
}
const client = () =>
  new OpenAI({ apiKey: emulator().apiKey, baseURL: emulator().modelApiUrl, maxRetries: 0 });

/** A completion without the fields that differ from one request to the next. */
function comparable(completion: unknown): unknown {
  const copy = structuredClone(completion) as ChatCompletion & IDataObject;
  for (const { message } of copy.choices) {
    for (const call of message.tool_calls ?? []) call.id = 'call';
  }
  return { ...copy, id: 'chat', created: 0 };
}

test.each(CASES)(
  'gets the same completion as the official client: %s',
  async (_name, parameters, request) => {
    const { items } = await runBaseten({
      credential: credentialFor(emulator()),
      parameters: parametersOf(parameters),
    });
    const official = await client().chat.completions.create(requestOf(request));
    expect(comparable(items[0]?.json)).toStrictEqual(comparable(official));
    const [ours, theirs] = emulator().requests.map((one) => one.json());
    expect(ours).toStrictEqual(theirs);
  },
);

test.each(CASES)(
  'gets the same completion as the official client, streamed: %s',
  async (_name, parameters, request) => {
    const credential = credentialFor(emulator());
    const { items, texts } = await runStreaming({
      credential,
      parameters: parametersOf(parameters),
    });
    const json = items[0]?.json as unknown as ChatCompletion;
    const stream = await client().chat.completions.create({
      ...requestOf(request),
      stream: true,
      stream_options: { include_usage: true },
    });
    let content = '';
    let reasoning = '';
    let finish: string | null = null;
    let usage: unknown;
    const calls: string[] = [];
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      const delta = (choice?.delta ?? {}) as Reasoning & NonNullable<typeof choice>['delta'];
      content += delta.content ?? '';
      reasoning += delta.reasoning ?? delta.reasoning_content ?? '';
      for (const call of delta.tool_calls ?? []) {
        calls[call.index] = (calls[call.index] ?? '') + (call.function?.arguments ?? '');
      }
      finish = choice?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    const [choice] = json.choices;
    const message = choice?.message as Reasoning & NonNullable<typeof choice>['message'];
    expect({
      content: message.content ?? '',
      reasoning: message.reasoning ?? message.reasoning_content ?? '',
      finish: choice?.finish_reason,
      usage: json.usage,
      calls: (message.tool_calls ?? []).map((call) =>
        call.type === 'function' ? call.function.arguments : '',
      ),
    }).toStrictEqual({ content, reasoning, finish, usage, calls });
    expect(content.endsWith(texts.join(''))).toBe(true);
    const [ours, theirs] = emulator().requests.map((one) => one.json());
    expect(ours).toStrictEqual(theirs);
  },
);

test('gets the same completion as the official client from a deployment', async () => {
  const deployment = { source: 'deployment', modelId: byId(MODEL_IDS.llm), model: byId('baseten') };
  const parameters = parametersOf({ prompt: 'Hello', ...deployment });
  const { items } = await runBaseten({ credential: credentialFor(emulator()), parameters });
  const host = emulator().deploymentUrl.replace('{kind}', 'model').replace('{id}', MODEL_IDS.llm);
  const baseURL = `${host}/environments/production/sync/v1`;
  const openai = new OpenAI({ apiKey: emulator().apiKey, baseURL, maxRetries: 0 });
  const official = await openai.chat.completions.create(requestOf({ model: 'baseten' }));
  expect(comparable(items[0]?.json)).toStrictEqual(comparable(official));
});

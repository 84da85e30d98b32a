import { NodeOperationError, type ISupplyDataFunctions } from 'n8n-workflow';

import { LmChatBaseten } from '../../../nodes/LmChatBaseten/LmChatBaseten.node';
import { supplyChatModel } from '../../../nodes/LmChatBaseten/supplyChatModel';
import { VERSION } from '../../../nodes/shared/version';
import { ASKED, givenModel } from '../../support/chatModel';
import { fakeHttp, type FakeRequest, type Way } from '../../support/fakeHttp';
import { subNodeContext } from '../../support/subNodeContext';

const MODEL_API = { source: 'modelApi', model: 'emulator/chat' };
const DEPLOYMENT = { source: 'deployment', modelId: 'abcd1234', target: 'production' };

/** What is sent for one question. */
async function sentFor(
  parameters: Record<string, unknown>,
  credential?: Record<string, unknown>,
  way: Way = 'fetch',
) {
  const sent: FakeRequest[] = [];
  const { context } = fakeHttp(way, async (request) => {
    sent.push(request);
    const message = { content: 'Hi' };
    return { body: JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] }) };
  });
  const model = await givenModel({ parameters, credential, helpers: context.helpers });
  await model.generate(ASKED);
  const { url = '', headers = {}, body } = sent.find((each) => each.method === 'POST') ?? {};
  const { messages, ...fields } = JSON.parse(String(body)) as Record<string, unknown>;
  expect(messages).toStrictEqual([{ role: 'user', content: 'Hello' }]);
  return { url, headers, fields };
}

const failureOf = async (
  parameters: Record<string, unknown>,
  credential?: Record<string, unknown>,
) => await givenModel({ parameters, credential }).catch((error: unknown) => error);

test('a Model API gets the options that the user set alone', async () => {
  const { url, headers, fields } = await sentFor(MODEL_API);
  expect(url).toBe('https://inference.baseten.co/v1/chat/completions');
  expect(headers).toMatchObject({
    Authorization: 'Bearer key-123',
    'User-Agent': `n8n-nodes-baseten/${VERSION}`,
  });
  expect(headers).not.toHaveProperty('x-session-affinity');
  expect(fields).toStrictEqual({ model: 'emulator/chat' });
});

test('a deployment is called under its sync/v1, with a name for servers that take any', async () => {
  const target = { target: 'environment', environment: 'staging' };
  const { url, fields } = await sentFor({ ...DEPLOYMENT, ...target });
  expect(url).toBe(
    'https://model-abcd1234.api.baseten.co/environments/staging/sync/v1/chat/completions',
  );
  expect(fields).toStrictEqual({ model: 'baseten' });
});

/** A deployment's server that serves these names, and refuses all others. */
function serving(...names: string[]) {
  const sent: FakeRequest[] = [];
  fakeHttp('fetch', async (request) => {
    sent.push(request);
    if (request.method === 'GET')
      return { body: JSON.stringify({ data: names.map((id) => ({ id })) }) };
    const { model } = JSON.parse(String(request.body)) as { model: string };
    if (!names.includes(model)) return { status: 404, body: '{"error":"no such model"}' };
    return { body: JSON.stringify({ choices: [{ message: { content: 'Hi' } }] }) };
  });
  return sent;
}

test('a deployment without a name is asked for it, and called by it', async () => {
  const sent = serving('org/served', 'org/other');
  const model = await givenModel({ parameters: { ...DEPLOYMENT, modelId: 'served01' } });
  await model.generate(ASKED);
  await model.generate(ASKED);
  expect(sent.map(({ method, url }) => `${method} ${url.split('/sync/')[1]}`)).toStrictEqual([
    'GET v1/models',
    'POST v1/chat/completions',
    'POST v1/chat/completions',
  ]);
  expect(JSON.parse(String(sent[1]?.body))).toMatchObject({ model: 'org/served' });
});

test('a name that a deployment’s server does not know is an error with those that it has', async () => {
  serving('org/served', 'org/other');
  const model = await givenModel({
    parameters: { ...DEPLOYMENT, modelId: 'served02', model: 'org/wrong' },
  });
  await expect(model.generate(ASKED)).rejects.toMatchObject({
    description: expect.stringContaining(
      'knows no model "org/wrong". It serves: org/served, org/other.',
    ),
  });
});

test('every option reaches the model', async () => {
  const options = {
    temperature: 0,
    maxTokens: 100,
    topP: 0.5,
    frequencyPenalty: -1,
    presencePenalty: 1,
    responseFormat: 'json_schema',
    jsonSchema: '{"type":"object","title":"Answer"}',
    reasoningEffort: 'xhigh',
    thinking: 'off',
    sessionId: 'chat 17',
    extraBody: '{"top_k": 3, "temperature": 1}',
    timeout: 20,
    maxRetries: 0,
  };
  const { fields, headers } = await sentFor({ ...MODEL_API, options });
  expect(fields).toStrictEqual({
    model: 'emulator/chat',
    temperature: 1,
    max_tokens: 100,
    top_p: 0.5,
    frequency_penalty: -1,
    presence_penalty: 1,
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'Answer',
        strict: true,
        schema: { type: 'object', title: 'Answer' },
      },
    },
    reasoning_effort: 'xhigh',
    chat_template_args: { enable_thinking: false, thinking: false },
    top_k: 3,
  });
  expect(headers['x-session-affinity']).toBe('chat%2017');
});

test('a deployment gets the switch for thinking by the name that its server knows', async () => {
  const { fields } = await sentFor({ ...DEPLOYMENT, options: { thinking: 'on' } });
  expect(fields).toStrictEqual({
    model: 'baseten',
    chat_template_kwargs: { enable_thinking: true, thinking: true },
  });
});

test('requests go through n8n’s own client if the credential says so', async () => {
  const { url } = await sentFor(MODEL_API, { apiKey: 'key-123', connection: 'n8n' }, 'n8n');
  expect(url).toBe('https://inference.baseten.co/v1/chat/completions');
});

test.each([
  [{ source: 'modelApi' }, 'No model is named'],
  [{ source: 'deployment', target: 'production' }, 'Model ID is empty'],
  [{ ...MODEL_API, options: { temperature: 9 } }, "Temperature can't be 9"],
  [{ ...MODEL_API, options: { maxTokens: -1 } }, "Max Tokens can't be -1"],
  [{ ...MODEL_API, source: 'x' }, 'Source can\'t be "x"'],
  [{ source: 'deployment', modelId: 'a', target: 'x' }, 'Target can\'t be "x"'],
  [{ ...MODEL_API, options: { responseFormat: 'x' } }, 'Response Format can\'t be "x"'],
  [{ ...MODEL_API, options: { responseFormat: 'json_schema' } }, 'JSON Schema is empty'],
  [{ ...MODEL_API, options: { reasoningEffort: 'x' } }, 'Reasoning Effort can\'t be "x"'],
  [{ ...MODEL_API, options: { thinking: 'x' } }, 'Thinking can\'t be "x"'],
  [{ ...MODEL_API, options: { sessionId: {} } }, 'Session ID is not a text'],
  [{ ...MODEL_API, options: { extraBody: '[]' } }, 'Extra Body is not a JSON object'],
  [
    { ...MODEL_API, options: { extraBody: '{"stream":true}' } },
    'Extra Body can’t set whether the answer is streamed',
  ],
])('says what is wrong with %j', async (parameters, message) => {
  const failure = await failureOf(parameters);
  expect(failure).toBeInstanceOf(NodeOperationError);
  expect(failure).toMatchObject({ message, functionality: 'configuration-node' });
});

test('says that the credential has no key', async () => {
  expect(await failureOf(MODEL_API, { apiKey: '' })).toMatchObject({
    message: 'The credential has no API key',
  });
});

test('without n8n’s AI SDK the node loads, and its use says what is missing and what to do', async () => {
  // n8n brings the SDK along. It is not installed here.
  const { context } = subNodeContext({ parameters: MODEL_API });
  const failure = await new LmChatBaseten().supplyData
    .call(context, 0)
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NodeOperationError);
  expect(failure).toMatchObject({
    message: 'This n8n lacks the AI SDK (@n8n/ai-node-sdk) that the Baseten Chat Model needs',
    description: expect.stringMatching(/Update n8n to version 2\.16[^]*Cannot find module/),
  });
});

test('with an SDK that works differently the model is supplied, and a hint says what is missing', async () => {
  const { context } = subNodeContext({ parameters: MODEL_API });
  const hints: unknown[] = [];
  const warnings: string[] = [];
  Object.assign(context, {
    addExecutionHints: (hint: unknown) => hints.push(hint),
    logger: { warn: (message: string) => warnings.push(message) },
  } satisfies Partial<Record<keyof ISupplyDataFunctions, unknown>>);
  const supplied = { response: { _generate: () => {}, bindTools: () => {} } };
  const sdk = { supplyModel: () => supplied, getParametersJsonSchema: () => ({}) };
  expect(await supplyChatModel(context, 0, async () => sdk)).toBe(supplied);
  const message = expect.stringContaining('(no _streamResponseChunks, no tokensUsageParser)');
  expect(hints).toStrictEqual([{ type: 'warning', location: 'outputPane', message }]);
  expect(warnings).toStrictEqual([message]);
});

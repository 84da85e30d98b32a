import { NodeOperationError } from 'n8n-workflow';
import type { OpenAiModel } from '@n8n/ai-node-sdk';

import { LmChatBaseten } from '../../../nodes/LmChatBaseten/LmChatBaseten.node';
import { supplyChatModel } from '../../../nodes/LmChatBaseten/supplyChatModel';
import { VERSION } from '../../../nodes/shared/version';
import { subNodeContext } from '../../support/subNodeContext';

const MODEL_API = { source: 'modelApi', model: 'emulator/chat' };

/** The model that the SDK is asked for. */
async function modelOf(
  parameters: Record<string, unknown>,
  credential?: Record<string, unknown>,
): Promise<OpenAiModel> {
  const { context } = subNodeContext({ parameters, credential });
  const supplyModel = (_: unknown, model: OpenAiModel) => ({ response: model });
  const { response } = await supplyChatModel(context, 0, async () => ({ supplyModel }));
  return response as OpenAiModel;
}

const failureOf = async (
  parameters: Record<string, unknown>,
  credential?: Record<string, unknown>,
) => await modelOf(parameters, credential).catch((error: unknown) => error);

test('a Model API is an OpenAI-compatible model with the options that the user set alone', async () => {
  const { additionalParams, ...model } = await modelOf(MODEL_API);
  expect(JSON.parse(JSON.stringify(model))).toStrictEqual({
    type: 'openai',
    apiKey: 'key-123',
    baseUrl: 'https://inference.baseten.co/v1',
    model: 'emulator/chat',
    defaultHeaders: { 'User-Agent': `n8n-nodes-baseten/${VERSION}` },
    useResponsesApi: false,
    timeout: 300_000,
    maxRetries: 3,
  });
  expect(additionalParams).toStrictEqual({});
});

test('a deployment is called under its sync/v1, with a name for servers that take any', async () => {
  const target = { target: 'environment', environment: 'staging' };
  expect(await modelOf({ source: 'deployment', modelId: 'abcd1234', ...target })).toMatchObject({
    baseUrl: 'https://model-abcd1234.api.baseten.co/environments/staging/sync/v1',
    model: 'baseten',
  });
});

test('every option reaches the model', async () => {
  const options = {
    temperature: 0,
    maxTokens: 100,
    topP: 0.5,
    frequencyPenalty: -1,
    presencePenalty: 1,
    responseFormat: 'json_object',
    reasoningEffort: 'low',
    timeout: 20,
    maxRetries: 0,
  };
  expect(await modelOf({ ...MODEL_API, options })).toMatchObject({
    temperature: 0,
    maxTokens: 100,
    topP: 0.5,
    frequencyPenalty: -1,
    presencePenalty: 1,
    additionalParams: { response_format: { type: 'json_object' }, reasoning_effort: 'low' },
    timeout: 20_000,
    maxRetries: 0,
  });
});

test.each([
  [3, true],
  [0, false],
])('with %i retries, failed attempts may be repeated: %j', async (maxRetries, isAllowed) => {
  const { onFailedAttempt } = await modelOf({ ...MODEL_API, options: { maxRetries } });
  expect(onFailedAttempt !== undefined).toBe(isAllowed);
});

test('the key is in its own field alone', async () => {
  const { apiKey, ...rest } = await modelOf(MODEL_API);
  expect(apiKey).toBe('key-123');
  expect(JSON.stringify(rest)).not.toContain('key-123');
});

test.each([
  [{ source: 'modelApi' }, 'No model is named'],
  [{ source: 'deployment', target: 'production' }, 'Model ID is empty'],
  [{ ...MODEL_API, options: { temperature: 9 } }, "Temperature can't be 9"],
  [{ ...MODEL_API, options: { maxTokens: -1 } }, "Max Tokens can't be -1"],
  [{ ...MODEL_API, source: 'x' }, 'Source can\'t be "x"'],
  [{ source: 'deployment', modelId: 'a', target: 'x' }, 'Target can\'t be "x"'],
  [{ ...MODEL_API, options: { responseFormat: 'x' } }, 'Response Format can\'t be "x"'],
  [{ ...MODEL_API, options: { reasoningEffort: 'x' } }, 'Reasoning Effort can\'t be "x"'],
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

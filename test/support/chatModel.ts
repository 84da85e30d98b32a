import type { SdkChunk, SdkMessage, SdkOptions } from '@n8n/ai-node-sdk';

import type { BasetenChatModel } from '../../nodes/LmChatBaseten/chatModel';
import { supplyChatModel } from '../../nodes/LmChatBaseten/supplyChatModel';
import { fakeHttp, type FakeRequest, type FakeResponse } from './fakeHttp';
import { subNodeContext } from './subNodeContext';

/** The conversation of a call without one: what the model is asked. */
export const ASKED: SdkMessage[] = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }];

interface Settings {
  parameters?: Record<string, unknown>;
  credential?: Record<string, unknown>;
  cancel?: AbortSignal;
  /** n8n's HTTP client, for requests that go through it. */
  helpers?: object;
}

/** The model that the SDK is given, without what the SDK makes of it. */
export async function givenModel({
  parameters = { source: 'modelApi', model: 'emulator/chat' },
  credential,
  cancel,
  helpers = {},
}: Settings = {}): Promise<BasetenChatModel> {
  const { context } = subNodeContext({ parameters, credential });
  Object.assign(context, { getExecutionCancelSignal: () => cancel, helpers });
  const { response } = await supplyChatModel(context, 0, async () => ({
    supplyModel: (_context, model) => ({ response: model }),
    getParametersJsonSchema: ({ inputSchema }) => inputSchema as Record<string, unknown>,
  }));
  return response as BasetenChatModel;
}

/** All chunks of a streamed answer. */
export async function chunksOf(model: BasetenChatModel, options?: SdkOptions): Promise<SdkChunk[]> {
  const chunks: SdkChunk[] = [];
  for await (const chunk of model.stream(ASKED, options)) chunks.push(chunk);
  return chunks;
}

/** What servers say of the tokens of an answer. */
export const USAGE = {
  prompt_tokens: 5,
  completion_tokens: 2,
  total_tokens: 7,
  prompt_tokens_details: { cached_tokens: 3 },
};

/** A chunk of a streamed answer. @param reason why the model stopped there */
export const chunk = (delta: object, reason: string | null = null) => ({
  id: 'x',
  choices: [{ index: 0, delta, finish_reason: reason }],
});

/** The headers of a stream. */
export const EVENTS = { 'content-type': 'text/event-stream' };

/**
 * Answers the calls of a test with these, one after the other, and the last one from then on. A
 * text is a stream, and an object is JSON.
 * @returns what was sent
 */
export function answering(...responses: Array<string | object | FakeResponse>) {
  const sent: FakeRequest[] = [];
  fakeHttp('fetch', async (request) => {
    // The limits of Model APIs, which this key may not read.
    if (request.url.includes('/v1/model_apis')) return { status: 403, body: '{}' };
    sent.push(request);
    const response = responses[Math.min(sent.length, responses.length) - 1] as object | string;
    if (typeof response === 'string') return { headers: EVENTS, body: response };
    if ('body' in response || 'status' in response) return response as FakeResponse;
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(response) };
  });
  return { sent, bodies: () => sent.map(({ body }) => JSON.parse(String(body)) as object) };
}

/** The text of an answer in pieces. */
export const textsOf = (chunks: SdkChunk[]) =>
  chunks.map((each) => (each.type === 'text-delta' ? each.delta : '')).join('');

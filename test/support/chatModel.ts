import type { SdkChunk, SdkMessage, SdkOptions } from '@n8n/ai-node-sdk';

import type { BasetenChatModel } from '../../nodes/LmChatBaseten/chatModel';
import { supplyChatModel } from '../../nodes/LmChatBaseten/supplyChatModel';
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

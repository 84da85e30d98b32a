import type * as AiNodeSdk from '@n8n/ai-node-sdk';

import { UserInputError } from '../shared/errors/userInputError';

/**
 * Loads n8n's AI SDK. Only when a chat model is used: an n8n that doesn't have it has all the other nodes.
 * @throws {UserInputError} where this n8n doesn't have it
 */
export async function loadSdk(): Promise<typeof AiNodeSdk> {
  let reason = 'it has no supplyModel';
  try {
    const sdk: Partial<typeof AiNodeSdk> = await import('@n8n/ai-node-sdk');
    if (typeof sdk.supplyModel === 'function') return sdk as typeof AiNodeSdk;
  } catch (error) {
    reason = String(error).split('\n')[0] ?? '';
  }
  throw new UserInputError(
    'This n8n lacks the AI SDK (@n8n/ai-node-sdk) that the Baseten Chat Model is made with',
    'Update n8n to version 2.16 or newer. Until then the Baseten node can be used: Chat → Complete needs no SDK.\n' +
      `What happened: ${reason}`,
  );
}

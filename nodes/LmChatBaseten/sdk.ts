// Decisions: docs/decisions.md, "The chat model uses n8n's AI SDK".

import type * as AiNodeSdk from '@n8n/ai-node-sdk';

import { UserInputError } from '../shared/errors/userInputError';

/**
 * Loads n8n's AI SDK. This happens when a chat model is used and not before, so that the other
 * nodes work in an n8n without the SDK.
 * @throws {UserInputError} if this n8n does not have the SDK
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
    'This n8n lacks the AI SDK (@n8n/ai-node-sdk) that the Baseten Chat Model needs',
    'Update n8n to version 2.16 or newer. Until then, use Chat → Complete of the Baseten node, ' +
      `which does not need the SDK.\nWhat happened: ${reason}`,
  );
}

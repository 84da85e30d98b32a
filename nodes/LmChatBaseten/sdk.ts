// Decisions: docs/decisions.md, "The chat model calls through the client".

import type * as AiNodeSdk from '@n8n/ai-node-sdk';

import { UserInputError } from '../shared/errors/userInputError';

/** What the chat model needs of the SDK. */
const FUNCTIONS = ['supplyModel', 'getParametersJsonSchema'] as const;

/**
 * Loads n8n's AI SDK. This happens when a chat model is used and not before, so that the other
 * nodes work in an n8n without the SDK.
 * @throws {UserInputError} if this n8n does not have the SDK, or an SDK without what is needed
 */
export async function loadSdk(): Promise<typeof AiNodeSdk> {
  let reason: string;
  try {
    const sdk: Partial<typeof AiNodeSdk> = await import('@n8n/ai-node-sdk');
    const missing = FUNCTIONS.filter((name) => typeof sdk[name] !== 'function');
    if (missing.length === 0) return sdk as typeof AiNodeSdk;
    reason = `it has no ${missing.join(' and no ')}`;
  } catch (error) {
    reason = String(error).split('\n')[0] ?? '';
  }
  throw new UserInputError(
    'This n8n lacks the AI SDK (@n8n/ai-node-sdk) that the Baseten Chat Model needs',
    'Update n8n to version 2.16 or newer. Until then, use Chat → Message a Model of the Baseten node, ' +
      `which does not need the SDK.\nWhat happened: ${reason}`,
  );
}

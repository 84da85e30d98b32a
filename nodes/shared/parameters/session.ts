import type { INodeProperties } from 'n8n-workflow';

import { UserInputError } from '../errors/userInputError';
import { isBlank } from '../json';
import type { Options } from './options';

/** Most characters of a session. */
const LONGEST = 500;

/** The option for the conversation that a request belongs to. */
export const SESSION_ID: INodeProperties = {
  displayName: 'Session ID',
  name: 'sessionId',
  type: 'string',
  default: '',
  placeholder: 'e.g. {{ $json.sessionId }}',
  description:
    'The same text for all requests of a conversation. They go to a replica that may still have the conversation so far, which makes answers faster and input tokens cheaper.',
};

/**
 * Reads the conversation that a request belongs to.
 * @returns nothing if it is not set
 * @throws {UserInputError} if it is not a text or a number, or too long
 */
export function readSession({ sessionId }: Options): string | undefined {
  if (isBlank(sessionId)) return undefined;
  if (typeof sessionId !== 'string' && typeof sessionId !== 'number') {
    throw new UserInputError(
      'Session ID is not a text',
      'If it comes from an expression, check that the expression gives a text for this item.',
    );
  }
  const session = String(sessionId).trim();
  if (session.length <= LONGEST) return session;
  throw new UserInputError(
    `Session ID has ${session.length} characters`,
    `Give a text of at most ${LONGEST} characters that names the conversation.`,
  );
}

/**
 * The header that keeps a conversation on a replica with its input in the cache.
 * @param session any text; what a header can't have is percent-encoded
 * @returns no header if there is no session
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function sessionHeaders(session: string | undefined): Record<string, string> {
  if (session === undefined || session === '') return {};
  const isPlain = /^[!-~]+$/.test(session);
  return {
    'x-session-affinity': isPlain ? session : encodeURIComponent(session.toWellFormed()),
  };
}

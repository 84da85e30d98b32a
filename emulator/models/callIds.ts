import { createHash, randomBytes } from 'node:crypto';

/** What the ID of a call says about the answer that it belongs to. */
export interface CallMark {
  /** The same for all calls of an answer. */
  answer: string;
  /** Digest of the call's name and arguments. */
  call: string;
  /** Digest of the reasoning that came with it. */
  reasoning: string;
}

const FORM = /^call_([\da-f]{8})([\da-f]{8})([\da-f]{8})$/;

/**
 * The IDs of an answer's calls. They say what must come back with them, so that the emulator can
 * check a conversation without remembering it.
 */
export function callIds(
  calls: Array<{ name: string; arguments: string }>,
  reasoning: string,
): string[] {
  const answer = randomBytes(4).toString('hex');
  return calls.map(
    (call, index) => `call_${answer}${callDigest(call, index)}${digest(reasoning.trim())}`,
  );
}

/** What an ID says; nothing if the emulator has not made it. */
export function markOf(id: unknown): CallMark | undefined {
  const [, answer, call, reasoning] = (typeof id === 'string' && FORM.exec(id)) || [];
  if (answer === undefined || call === undefined || reasoning === undefined) return undefined;
  return { answer, call, reasoning };
}

/** Whether a call is one that the emulator has made, with the arguments that it had. */
export function isAsMade(mark: CallMark, call: { name: string; arguments: string }): boolean {
  return Array.from({ length: 32 }, (_, index) => callDigest(call, index)).includes(mark.call);
}

/** Whether a text is the reasoning that came with a call. */
export function isReasoningOf(mark: CallMark, text: string): boolean {
  return digest(text.trim()) === mark.reasoning;
}

/** @param index place of the call in its answer, since two calls may be the same */
function callDigest(
  { name, arguments: input }: { name: string; arguments: string },
  index: number,
) {
  return digest(JSON.stringify([name, JSON.parse(input) as unknown, index]));
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);

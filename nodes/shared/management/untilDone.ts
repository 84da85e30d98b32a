// Decisions: docs/decisions.md, "Operations that take minutes are waited for".

import { UserInputError } from '../errors/userInputError';
import { readNumber, type Options } from '../parameters/options';
import { realTime, type Time } from '../time';

/** The first and the longest pause between two looks, in milliseconds. */
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 15_000;
/** How much longer each pause is than the one before. */
const GROWTH = 1.3;

/** What is waited for. */
export interface Waiting<State> {
  /** Looks how it stands. */
  look(): Promise<State>;
  /**
   * Says how it goes on, such as `RAMPING_UP, 40 %`; nothing when it is done. It throws if it can't
   * be done any more.
   */
  progress(state: State, waitedMs: number): string | undefined | Promise<string | undefined>;
  /** What is waited for, for messages. */
  subject: string;
  /** Most seconds to wait. */
  limit: number;
  /** Stops the waiting. */
  signal?: AbortSignal;
  /** Shows how it goes on, at each change. */
  show?(message: string): void;
  /** What to do if it takes longer than the limit; by default to raise Ready Timeout. */
  hint?: string;
}

const HINT =
  'It goes on in Baseten. Raise Ready Timeout in the options to wait longer, or look at it later with Get.';

/**
 * Looks again and again until something that takes minutes is done. The pauses grow from 2 to 15
 * seconds, and vary, so that many waits don't look at once.
 * @returns what the last look saw
 * @throws {UserInputError} if it takes longer than the limit
 * @throws what `look` and `progress` throw, and if the execution is stopped
 */
export async function untilDone<State>(
  { look, progress, subject, limit, signal, show, hint = HINT }: Waiting<State>,
  time: Time = realTime,
): Promise<State> {
  const start = time.elapsed();
  let shown: string | undefined;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * GROWTH, LONGEST_PAUSE)) {
    const state = await look();
    const waited = time.elapsed() - start;
    const now = await progress(state, waited);
    if (now === undefined) return state;
    if (now !== shown) show?.(`${subject}: ${now}`);
    shown = now;
    const left = limit * 1000 - waited;
    if (left <= 0) {
      throw new UserInputError(`${subject} is still ${now} after ${limit} seconds`, hint);
    }
    const varied = Math.round(pause * (0.8 + 0.4 * time.random()));
    await time.wait(Math.min(varied, left), signal);
    signal?.throwIfAborted();
  }
}

/** Reads how many seconds to wait at most. @param fallback unless the user sets it */
export function readReadyTimeout(options: Options, fallback: number): number {
  return readNumber(options, {
    name: 'readyTimeout',
    label: 'Ready Timeout',
    range: [1, 86_400],
    fallback,
  });
}

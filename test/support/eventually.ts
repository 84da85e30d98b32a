import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Asks again and again until there is something, and returns it. A question that fails is asked
 * again, too: an n8n that has too much to do responds 503.
 * @param what is awaited; the error names it
 * @param ask gives `undefined` or `false` as long as it isn't there
 * @throws {Error} after `withinMs`
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    let reason = '';
    try {
      const found = await ask();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      reason = ` (${(error as Error).message})`;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s${reason}`);
    await pause(POLL_MS);
  }
}

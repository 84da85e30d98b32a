import type { IWebhookFunctions } from 'n8n-workflow';

/** Milliseconds between two lines of a kind. */
const EVERY = 10_000;

/** When a line of each kind was written last, and how many were left out since. */
const written = new Map<string, { at: number; leftOut: number }>();

/**
 * Writes a line into the log, of each kind one in ten seconds at most. It is for what anybody can
 * cause by posting something: hundreds of lines a second would cost time and fill a disk.
 * @param kind what such lines have in common; those of another node are of another kind
 */
export function logSeldom(
  context: Pick<IWebhookFunctions, 'logger' | 'getNode'>,
  level: 'warn' | 'error',
  kind: string,
  message: string,
): void {
  // The method needs its object.
  const { id, name } = context.getNode();
  const key = `${id} ${kind}`;
  const last = written.get(key);
  const age = Date.now() - (last?.at ?? -Infinity);
  if (last && age >= 0 && age < EVERY) {
    last.leftOut++;
    return;
  }
  const more = last?.leftOut ? ` (and ${last.leftOut} more like it since the last such line)` : '';
  written.set(key, { at: Date.now(), leftOut: 0 });
  context.logger[level](`${name}: ${message}${more}`);
}

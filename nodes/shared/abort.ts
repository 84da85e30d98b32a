/**
 * What is called when a signal aborts. One listener serves all, since Node warns of a signal with
 * many.
 */
const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls a function when a signal aborts.
 * @param signal one that has not aborted yet
 * @returns ends that
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = callbacksOf.get(signal);
  const callbacks = known ?? new Set<() => void>();
  if (!known) {
    callbacksOf.set(signal, callbacks);
    signal.addEventListener('abort', () => callbacks.forEach((each) => each()), { once: true });
  }
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

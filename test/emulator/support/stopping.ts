const running: Array<() => Promise<void>> = [];

/** Registers how to stop something that a test has started. */
export function onStop(stop: () => Promise<void>): void {
  running.push(stop);
}

/**
 * Stops what the helpers of this folder started. Every test file that uses them runs it after each
 * test.
 */
export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((stop) => stop()));
}

/**
 * Waits until `check` holds, while no time passes on the clock of the test.
 * @throws {Error} If it does not hold within 5 s.
 */
export async function eventually(check: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 5_000;
  while (!check()) {
    if (Date.now() > giveUpAt) throw new Error(`Never became true: ${check}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A promise and the function that resolves it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/**
 * Gives the texts that some work passes on while it goes on.
 * @param work passes texts on; its signal aborts if nobody wants more of them
 * @returns what the work returns, after its last text
 * @throws what the work throws, after the texts before
 */
export async function* passedOn<Result>(
  work: (onText: (text: string) => Promise<void>, stop: AbortSignal) => Promise<Result>,
): AsyncGenerator<string, Result> {
  const texts: string[] = [];
  const stop = new AbortController();
  let wake = () => {};
  let isOver = false;
  const working = work(async (text) => {
    texts.push(text);
    wake();
  }, stop.signal).finally(() => {
    isOver = true;
    wake();
  });
  // Its failure is thrown below, when it is waited for.
  working.catch(() => undefined);
  try {
    for (;;) {
      while (texts.length > 0) yield texts.splice(0).join('');
      if (isOver) return await working;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop.abort();
  }
}

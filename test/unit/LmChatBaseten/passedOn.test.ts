import { passedOn } from '../../../nodes/LmChatBaseten/passedOn';

async function all<Result>(texts: AsyncGenerator<string, Result>) {
  const read: string[] = [];
  for (;;) {
    const next = await texts.next();
    if (next.done) return { read, result: next.value };
    read.push(next.value);
  }
}

test('texts come while the work goes on, and its result at the end', async () => {
  let goOn = () => {};
  const texts = passedOn(async (onText) => {
    await onText('a');
    await onText('b');
    await new Promise<void>((resolve) => (goOn = resolve));
    await onText('c');
    return 7;
  });
  expect([(await texts.next()).value, (await texts.next()).value]).toStrictEqual(['a', 'b']);
  goOn();
  expect(await all(texts)).toStrictEqual({ read: ['c'], result: 7 });
});

test('work that fails fails after its texts', async () => {
  const texts = passedOn(async (onText) => {
    await onText('a');
    throw new Error('broken');
  });
  expect((await texts.next()).value).toBe('a');
  await expect(texts.next()).rejects.toThrow('broken');
});

test('work without texts has a result', async () => {
  expect(await all(passedOn(async () => 7))).toStrictEqual({ read: [], result: 7 });
});

test('who stops reading stops the work', async () => {
  let signal: AbortSignal | undefined;
  const texts = passedOn(async (onText, stop) => {
    signal = stop;
    await onText('a');
    await new Promise(() => {});
  });
  await texts.next();
  expect(signal?.aborted).toBe(false);
  await texts.return(undefined as never);
  expect(signal?.aborted).toBe(true);
});

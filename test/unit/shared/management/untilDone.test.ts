import { untilDone } from '../../../../nodes/shared/management/untilDone';
import { fakeTime } from '../../../support/clock';

/** Waits for a state that is reached after so many looks. */
function waitFor(looks: number, limit = 3600, random = 0.5) {
  const time = fakeTime(random);
  const stop = new AbortController();
  const shown: string[] = [];
  let looked = 0;
  const done = untilDone<number>(
    {
      look: async () => ++looked,
      progress: (state) => (state >= looks ? undefined : state < 3 ? 'DEPLOYING' : 'LOADING_MODEL'),
      subject: 'deployment d1',
      limit,
      signal: stop.signal,
      show: (message) => shown.push(message),
    },
    time,
  );
  return { done, time, stop, shown };
}

test('the pauses grow from 2 to 15 seconds', async () => {
  const { done, time } = waitFor(20);
  await done;
  expect(time.waits.slice(0, 3)).toStrictEqual([2000, 2600, 3380]);
  expect(time.waits.at(-1)).toBe(15_000);
});

test('the pauses vary by a fifth, so that many waits don’t look at once', async () => {
  const [early, late] = [waitFor(2, 60, 0), waitFor(2, 60, 1)];
  await Promise.all([early.done, late.done]);
  expect([early.time.waits, late.time.waits]).toStrictEqual([[1600], [2400]]);
});

test('each change is shown once', async () => {
  const { done, shown } = waitFor(6);
  await done;
  expect(shown).toStrictEqual(['deployment d1: DEPLOYING', 'deployment d1: LOADING_MODEL']);
});

test('after the limit it says how it stands, and that it goes on', async () => {
  const { done, time } = waitFor(1000, 60);
  await expect(done).rejects.toMatchObject({
    message: 'deployment d1 is still LOADING_MODEL after 60 seconds',
    hint: expect.stringContaining('It goes on in Baseten.') as string,
  });
  expect(time.waits.reduce((sum, wait) => sum + wait)).toBe(60_000);
});

test('it stops when the execution is stopped', async () => {
  const { done, stop } = waitFor(1000);
  stop.abort();
  await expect(done).rejects.toThrow(/abort/i);
});

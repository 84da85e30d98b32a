import { hedged, hedgeOf } from '../../../../nodes/shared/http/hedge';
import { fakeTime } from '../../../support/clock';

type Result = { answer: string } | { failure: string };
const isAnswer = (result: Result) => 'answer' in result;

/** Copies whose results the test gives, in the order in which they were started. */
function copies() {
  const started: Array<{ signal: AbortSignal; give: (result: Result) => void }> = [];
  const start = async (signal: AbortSignal) =>
    await new Promise<Result>((resolve, reject) => {
      started.push({ signal, give: resolve });
      signal.addEventListener('abort', () => reject(new Error('stopped')));
    });
  return { started, start };
}

const settled = async () => await new Promise(setImmediate);

test('a quick answer gets no copy', async () => {
  const hedge = hedgeOf(100, 10);
  const time = { ...fakeTime(), wait: async () => await new Promise<never>(() => undefined) };
  const answer = { answer: 'first' };
  expect(await hedged(async () => answer, isAnswer, hedge, time)).toBe(answer);
  expect(hedge.budget.left).toBe(1);
});

test('the first answer counts, whichever copy gives it; the other is stopped', async () => {
  for (const winner of [0, 1]) {
    const { started, start } = copies();
    const result = hedged(start, isAnswer, hedgeOf(100, 10), fakeTime());
    await settled();
    started[winner]?.give({ answer: `copy ${winner}` });
    expect(await result).toStrictEqual({ answer: `copy ${winner}` });
    expect(started.map(({ signal }) => signal.aborted)).toStrictEqual([winner === 1, winner === 0]);
  }
});

test('a copy that fails leaves the other one its chance; where both fail the first failure counts', async () => {
  for (const last of [{ answer: 'late' }, { failure: 'second' }]) {
    const { started, start } = copies();
    const result = hedged(start, isAnswer, hedgeOf(100, 10), fakeTime());
    await settled();
    started[0]?.give({ failure: 'first' });
    await settled();
    started[1]?.give(last);
    expect(await result).toStrictEqual('answer' in last ? last : { failure: 'first' });
  }
});

test('at most one request in ten gets a copy', async () => {
  const hedge = hedgeOf(100, 29);
  for (let request = 0; request < 29; request++) {
    const { started, start } = copies();
    const result = hedged(start, isAnswer, hedge, fakeTime());
    await settled();
    expect(started).toHaveLength(request < 2 ? 2 : 1);
    started[0]?.give({ answer: 'first' });
    await result;
  }
  expect(hedgeOf(100, 9).budget.left).toBe(0);
});

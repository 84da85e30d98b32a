import { hedged, hedgeOf } from '../../../../nodes/shared/http/hedge';
import { fakeTime } from '../../../support/clock';

type Result = { response: string } | { failure: string };
const isResponse = (result: Result) => 'response' in result;

/** Copies of a request, in the order in which they were started. The test gives their results. */
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

test('a request with a quick response gets no copy', async () => {
  const hedge = hedgeOf(100, 10);
  const time = { ...fakeTime(), wait: async () => await new Promise<never>(() => undefined) };
  const response = { response: 'first' };
  expect(await hedged(async () => response, isResponse, hedge, time)).toBe(response);
  expect(hedge.budget.left).toBe(1);
});

test('the first response counts, whichever copy gets it; the other copy is stopped', async () => {
  for (const winner of [0, 1]) {
    const { started, start } = copies();
    const result = hedged(start, isResponse, hedgeOf(100, 10), fakeTime());
    await settled();
    started[winner]?.give({ response: `copy ${winner}` });
    expect(await result).toStrictEqual({ response: `copy ${winner}` });
    expect(started.map(({ signal }) => signal.aborted)).toStrictEqual([winner === 1, winner === 0]);
  }
});

test('if one copy fails, the other one may still succeed; if both fail, the first failure counts', async () => {
  for (const last of [{ response: 'late' }, { failure: 'second' }]) {
    const { started, start } = copies();
    const result = hedged(start, isResponse, hedgeOf(100, 10), fakeTime());
    await settled();
    started[0]?.give({ failure: 'first' });
    await settled();
    started[1]?.give(last);
    expect(await result).toStrictEqual('response' in last ? last : { failure: 'first' });
  }
});

test('at most one request in ten gets a copy', async () => {
  const hedge = hedgeOf(100, 29);
  for (let request = 0; request < 29; request++) {
    const { started, start } = copies();
    const result = hedged(start, isResponse, hedge, fakeTime());
    await settled();
    expect(started).toHaveLength(request < 2 ? 2 : 1);
    started[0]?.give({ response: 'first' });
    await result;
  }
  expect(hedgeOf(100, 9).budget.left).toBe(0);
});

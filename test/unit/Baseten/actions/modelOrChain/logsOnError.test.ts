import type { ItemCall } from '../../../../../nodes/Baseten/actions/operation';
import { withLogs } from '../../../../../nodes/Baseten/actions/modelOrChain/logsOnError';
import { toConnectionWithKey } from '../../../../../nodes/shared/connection/connection';
import { BasetenError } from '../../../../../nodes/shared/errors/basetenError';
import { onceEach } from '../../../../../nodes/shared/run/once';
import { fakeTime } from '../../../../support/clock';
import { fakeHttp } from '../../../../support/fakeHttp';

const LINE = { timestamp: '1700000000000000000', message: 'CUDA out of memory', level: 'ERROR' };

/** Fails with a status, and gives the lines of the log at the look of this number. */
async function failing({ status = 500, linesAt = 1, isStopped = false } = {}) {
  const time = fakeTime();
  let looks = 0;
  const { context, credential } = fakeHttp('fetch', async ({ url }) => {
    if (!url.includes('/logs')) return { body: '{"id":"d1","status":"ACTIVE"}' };
    looks++;
    return { body: JSON.stringify({ logs: looks >= linesAt ? [LINE] : [] }) };
  });
  const stop = new AbortController();
  if (isStopped) stop.abort();
  const call = {
    context,
    connection: toConnectionWithKey(credential),
    options: { timeout: 10, maxRetries: 0, own: {} },
    signal: stop.signal,
    once: onceEach(),
    stopStarting: () => {},
  } as unknown as ItemCall;
  const error = new BasetenError('no', { kind: 'http', hint: '', status, requestId: 'r1' });
  const failed = { call, owner: { kind: 'model' as const, id: 'abc' } };
  const shown = await withLogs(error, { ...failed, target: { type: 'production' } }, time);
  return { logs: (shown as BasetenError).logs, looks: () => looks, waits: time.waits };
}

test('lines that come late are asked for three times within six seconds', async () => {
  const { logs, looks, waits } = await failing({ linesAt: 3 });
  expect(logs).toMatchObject([{ level: 'ERROR', message: 'CUDA out of memory' }]);
  expect([looks(), waits]).toStrictEqual([3, [2000, 3000]]);
});

test('then the error stays without them', async () => {
  const { logs, looks } = await failing({ linesAt: 4 });
  expect([logs, looks()]).toStrictEqual([undefined, 3]);
});

test('nobody waits for lines about an input that was refused', async () => {
  const { looks, waits } = await failing({ status: 422, linesAt: 2 });
  expect([looks(), waits]).toStrictEqual([1, []]);
});

test('nothing is asked once the execution is stopped', async () => {
  const { logs, looks } = await failing({ isStopped: true });
  expect([logs, looks()]).toStrictEqual([undefined, 0]);
});

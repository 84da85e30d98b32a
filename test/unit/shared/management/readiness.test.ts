import { untilReady } from '../../../../nodes/shared/management/readiness';
import { BasetenError } from '../../../../nodes/shared/errors/basetenError';
import { fakeTime } from '../../../support/clock';

/**
 * Asks a management API that sends these responses, one after the other. The last one is repeated.
 */
function asking(responses: object[], limit = 60) {
  const time = fakeTime(0.5);
  let asked = 0;
  const send = async () => ({
    status: 200,
    headers: {},
    body: Buffer.from(JSON.stringify(responses[Math.min(asked++, responses.length - 1)])),
  });
  const signal = new AbortController().signal;
  const ready = untilReady({ url: 'https://x/', subject: 'model abc', limit, signal, send }, time);
  return { ready, time };
}
const environment = (status: string, active_replica_count = 0) => ({
  current_deployment: { status, active_replica_count },
});

test('asks ever more seldom until the deployment is active with a replica', async () => {
  const { ready, time } = asking([
    environment('SCALED_TO_ZERO'),
    environment('WAKING_UP'),
    environment('ACTIVE', 0),
    environment('ACTIVE', 1),
  ]);
  expect(await ready).toStrictEqual({ status: 'ACTIVE', active_replica_count: 1 });
  expect(time.waits).toStrictEqual([2000, 2600, 3380]);
});

test('reads a deployment as well as an environment', async () => {
  expect(await asking([{ status: 'ACTIVE', active_replica_count: 2 }]).ready).toMatchObject({
    status: 'ACTIVE',
  });
});

test('fails when the time is over', async () => {
  await expect(asking([environment('WAKING_UP')], 10).ready).rejects.toThrow(
    'model abc is still WAKING_UP after 10 seconds',
  );
});

test.each([
  ['DEPLOY_FAILED', 'Deployment → Get Logs'],
  ['INACTIVE', 'Deployment → Activate'],
  ['BUILD_STOPPED', 'Deployment → Retry'],
])('fails at once if the deployment is %s, and says what to do: %s', async (status, operation) => {
  await expect(asking([environment(status)]).ready).rejects.toMatchObject({
    message: expect.stringContaining(`its deployment is ${status}`) as string,
    hint: expect.stringContaining(operation) as string,
  });
});

test('fails at once if the environment has no deployment, and none is on its way', async () => {
  const { ready, time } = asking([{ current_deployment: null, candidate_deployment: null }]);
  await expect(ready).rejects.toThrow("model abc can't wake: nothing is deployed there");
  expect(time.waits).toStrictEqual([]);
});

test('waits for the first deployment that is promoted to an environment', async () => {
  const candidate = { current_deployment: null, candidate_deployment: { status: 'DEPLOYING' } };
  const { ready } = asking([candidate, environment('ACTIVE', 1)]);
  expect(await ready).toMatchObject({ status: 'ACTIVE' });
  await expect(asking([candidate], 1).ready).rejects.toThrow('still not promoted yet');
});

test('the error says what to do if the key may not ask', async () => {
  const send = async () => {
    throw new BasetenError('no', { kind: 'http', hint: '', status: 403 });
  };
  const question = {
    url: 'https://x/',
    subject: 'model abc',
    limit: 1,
    signal: new AbortController().signal,
    send,
  };
  await expect(untilReady(question, fakeTime())).rejects.toThrow('may not ask whether it is ready');
});

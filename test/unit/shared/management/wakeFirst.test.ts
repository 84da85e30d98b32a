import { BASETEN_ENDPOINTS } from '../../../../nodes/shared/connection/endpoints';
import { BasetenError } from '../../../../nodes/shared/errors/basetenError';
import type { BasetenRequest, Client } from '../../../../nodes/shared/http/client';
import { withWakeFirst } from '../../../../nodes/shared/management/wakeFirst';
import type { ParameterContext } from '../../../../nodes/shared/parameters/parameter';
import { fakeTime } from '../../../support/clock';

const PREDICT: BasetenRequest = { method: 'POST', url: 'https://predict/', subject: 'model abc' };
const SENDING = { timeout: 10, maxRetries: 0 };
const MANAGEMENT = 'https://api.baseten.co/v1/models/abc/environments/production';

/** A client whose deployment has these statuses, one a look; the last one stays. */
function waking(
  statuses: Array<string | BasetenError>,
  { source, wakeFirst = true }: { source?: string; wakeFirst?: boolean } = {},
) {
  const sent: string[] = [];
  let looks = 0;
  const send = async ({ method, url }: BasetenRequest) => {
    sent.push(`${method} ${url}`);
    const status = statuses[Math.min(looks, statuses.length - 1)];
    if (url === MANAGEMENT) looks++;
    if (url === MANAGEMENT && status instanceof BasetenError) throw status;
    const replicas = status === 'ACTIVE' ? 1 : 0;
    const body = { current_deployment: { status, active_replica_count: replicas } };
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  };
  const parameters: Record<string, unknown> = { modelId: 'abc', source };
  const context = {
    getNodeParameter: (name: string, _: number, fallback: unknown) => parameters[name] ?? fallback,
  } as ParameterContext;
  const client: Client = { send, stream: async (request) => await send(request) };
  const caller = {
    context,
    itemIndex: 0,
    endpoints: BASETEN_ENDPOINTS,
    options: { wakeFirst },
  };
  const time = fakeTime(0.5);
  return { client: withWakeFirst(client, caller, time), sent, time };
}
const LOOK = `GET ${MANAGEMENT}`;
const WAKE = 'POST https://model-abc.api.baseten.co/production/wake';
const CALL = 'POST https://predict/';

test('a deployment that sleeps is woken and waited for, once for all requests', async () => {
  const { client, sent } = waking(['SCALED_TO_ZERO', 'WAKING_UP', 'ACTIVE']);
  await Promise.all([client.send(PREDICT, SENDING), client.stream(PREDICT, SENDING, () => true)]);
  expect(sent).toStrictEqual([LOOK, WAKE, LOOK, LOOK, CALL, CALL]);
});

test('one that is awake is called at once', async () => {
  const { client, sent } = waking(['ACTIVE']);
  await client.send(PREDICT, SENDING);
  expect(sent).toStrictEqual([LOOK, CALL]);
});

test('one that is waking up already is only waited for', async () => {
  const { client, sent } = waking(['LOADING_MODEL', 'ACTIVE']);
  await client.send(PREDICT, SENDING);
  expect(sent).toStrictEqual([LOOK, LOOK, CALL]);
});

test('if the key may not ask, it is woken and not waited for', async () => {
  const refusal = new BasetenError('no', { kind: 'http', hint: '', status: 403 });
  const { client, sent } = waking([refusal]);
  await client.send(PREDICT, SENDING);
  expect(sent).toStrictEqual([LOOK, WAKE, CALL]);
});

test('one that can’t wake is not called', async () => {
  const { client, sent } = waking(['INACTIVE']);
  await expect(client.send(PREDICT, SENDING)).rejects.toThrow(
    "model abc can't wake: its deployment is INACTIVE",
  );
  expect(sent).toStrictEqual([LOOK]);
});

test('one that takes too long is told of, and that it goes on', async () => {
  const { client, time } = waking(['SCALED_TO_ZERO', 'WAKING_UP']);
  await expect(client.send(PREDICT, SENDING)).rejects.toMatchObject({
    message: 'model abc is still WAKING_UP after 600 seconds',
    hint: expect.stringContaining('raise its Ready Timeout') as string,
  });
  expect(time.waits.reduce((sum, wait) => sum + wait)).toBe(600_000);
});

test('requests to the management API wake nothing', async () => {
  const { client, sent } = waking(['SCALED_TO_ZERO']);
  await client.send({ ...PREDICT, key: 'management' }, SENDING);
  expect(sent).toStrictEqual([CALL]);
});

test.each([{ source: 'modelApi' }, { wakeFirst: false }])(
  'nothing is woken with %j',
  async (of) => {
    const { client, sent } = waking(['SCALED_TO_ZERO'], of);
    await client.send(PREDICT, SENDING);
    expect(sent).toStrictEqual([CALL]);
  },
);

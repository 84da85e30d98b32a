import { toConnection } from '../../../../nodes/shared/connection/connection';
import { knownLimitsOf } from '../../../../nodes/shared/knowledge/modelApis';
import { Memory } from '../../../../nodes/shared/knowledge/memory';
import { fakeHttp } from '../../../support/fakeHttp';
import { Simulation } from '../../../support/simulation';

const MODEL = 'a/b';
const LIST = JSON.stringify({
  items: [{ name: MODEL, rate_limits: [{ type: 'REQUEST', unit: 'MINUTE', threshold: 120 }] }],
  pagination: { has_more: false, cursor: null },
});

/** Asks for the limits of a Model API. @param status of the management API's response */
function asker(status = 200) {
  const time = new Simulation();
  const { context } = fakeHttp('n8n', async () => ({ status, body: status === 200 ? LIST : '{}' }));
  const connection = toConnection({ apiKey: 'key', connection: 'n8n' });
  const memory = new Memory(time);
  const ask = async (mayAsk: boolean) =>
    await knownLimitsOf({ context, connection }, MODEL, { mayAsk, memory, time });
  return { time, ask };
}

const LIMITS = [{ counts: 'requests', most: 120, milliseconds: 60_000 }];

test('who may not ask gets what another one has found out, while it is fresh', async () => {
  const { time, ask } = asker();
  expect(await ask(true)).toStrictEqual(LIMITS);
  expect(await ask(false)).toStrictEqual(LIMITS);
  await time.passTo(600_001);
  // Not that there are none, which would let a batch beside it go at once.
  expect(await ask(false)).toBeUndefined();
});

test('a key that may not read the limits says nothing of them', async () => {
  const { ask } = asker(403);
  expect(await ask(true)).toBeUndefined();
  expect(await ask(false)).toBeUndefined();
});

import { toConnection } from '../../../../nodes/shared/connection/connection';
import { Memory } from '../../../../nodes/shared/knowledge/memory';
import { detailsOf } from '../../../../nodes/shared/knowledge/modelDetails';
import { fakeTime } from '../../../support/clock';
import { fakeHttp, type FakeResponse } from '../../../support/fakeHttp';

/** Asks about so many models. @param respond gives the response to a URL */
function asking(count: number, respond: (url: string) => Promise<FakeResponse>) {
  const asked: string[] = [];
  const { context, credential } = fakeHttp('fetch', async ({ url }) => {
    asked.push(url);
    return await respond(url);
  });
  const models = Array.from({ length: count }, (_, at) => ({ id: `m${at}`, deploymentId: 'd' }));
  const waits: Array<() => void> = [];
  const time = {
    ...fakeTime(),
    wait: async () => await new Promise<void>((resolve) => waits.push(resolve)),
  };
  const details = detailsOf({ context, connection: toConnection(credential) }, models, {
    memory: new Memory(time),
    time,
  });
  return { details, asked, passPatience: () => waits.forEach((end) => end()) };
}

const ACTIVE = { body: JSON.stringify({ id: 'd', status: 'ACTIVE', config: null }) };
/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('a model whose details come in time has them, and the others are left out', async () => {
  const { details, passPatience } = asking(2, async (url) =>
    url.includes('/m0/') ? ACTIVE : await new Promise<never>(() => undefined),
  );
  await settle();
  passPatience();
  expect([...(await details)]).toStrictEqual([['m0', { status: 'awake', kind: undefined }]]);
});

test('of a long list sixty models are asked about', async () => {
  const { details, asked } = asking(100, async () => ACTIVE);
  expect((await details).size).toBe(60);
  expect(asked).toHaveLength(120);
});

test('a rate limit ends the questions', async () => {
  const { details, asked } = asking(60, async () => ({
    status: 429,
    headers: { 'retry-after': '3600' },
  }));
  expect([...(await details).values()]).toStrictEqual(
    Array.from({ length: 10 }, () => ({ status: undefined, kind: undefined })),
  );
  expect(asked).toHaveLength(20);
});

import { toConnection } from '../../../../nodes/shared/connection/connection';
import { Memory } from '../../../../nodes/shared/knowledge/memory';
import { detailsOf } from '../../../../nodes/shared/knowledge/modelDetails';
import { deploymentStateOf, knowledgeOf } from '../../../../nodes/shared/knowledge/modelKnowledge';
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
  const memory = new Memory(time);
  const asker = { context, connection: toConnection(credential) };
  const details = detailsOf(asker, models, { memory, time });
  return {
    details,
    asked,
    passPatience: () => waits.forEach((end) => end()),
    /** Waits for the answers about a model. They are asked for once, and the memory shares them. */
    async answered(modelId: string) {
      const target = { type: 'deployment', deploymentId: 'd' } as const;
      const question = { ...asker, modelId, target, maxRetries: 0 };
      await Promise.all([deploymentStateOf(question, memory), knowledgeOf(question, memory)]);
      await new Promise(setImmediate);
    },
  };
}

const ACTIVE = { body: JSON.stringify({ id: 'd', status: 'ACTIVE', config: null }) };

test('a model whose details come in time has them, and the others are left out', async () => {
  const { details, asked, answered, passPatience } = asking(2, async (url) =>
    url.includes('/m0/') ? ACTIVE : await new Promise<never>(() => undefined),
  );
  await answered('m0');
  passPatience();
  expect([...(await details)]).toStrictEqual([['m0', { status: 'awake', kind: undefined }]]);
  expect(asked).toHaveLength(4);
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

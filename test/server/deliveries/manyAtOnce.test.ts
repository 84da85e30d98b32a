import { request } from 'undici';
import { json } from '../../../emulator';
import { eventually } from '../../support/eventually';
import { sendAndHangUp } from './sendAndHangUp';
import { idsOf, payload, statuses, useTriggers } from './triggers';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** After this long without a response Baseten gives a delivery up, in milliseconds. */
const PATIENCE = 10 * SECOND;

describe("many deliveries at once, with n8n's legacy expression engine", () => {
  const triggers = useTriggers();

  test(
    '300 are all answered 200 in time and all come in, none twice',
    async () => {
      const workflow = await triggers.publish('burst');
      const ids = idsOf('burst', 300);
      const started = Date.now();
      const deliveries = await triggers.deliverAll(triggers.urlOf('burst'), ids);
      expect(Date.now() - started).toBeLessThan(PATIENCE);
      expect(statuses(deliveries)).toEqual([200]);
      expect(await triggers.receivedIds(workflow)).toEqual([...ids].sort());
    },
    MINUTE,
  );

  test(
    'and each of them twice at the same time still come in once',
    async () => {
      const workflow = await triggers.publish('pairs');
      const ids = idsOf('pair', 50);
      expect(
        statuses(await triggers.deliverAll(triggers.urlOf('pairs'), [...ids, ...ids])),
      ).toEqual([200]);
      expect(await triggers.receivedIds(workflow)).toEqual([...ids].sort());
    },
    MINUTE,
  );

  test(
    'clients that hang up strand nobody, and what they sent comes in once',
    async () => {
      const workflow = await triggers.publish('hangups');
      const url = triggers.urlOf('hangups');
      const gone = idsOf('gone', 10);
      const ids = idsOf('stayed', 100);
      const hangUp = async (id: string) => await sendAndHangUp(triggers.emulator, url, payload(id));
      // The first one leads the first group. It is one of those that hang up.
      const leaving = gone.slice(0, 5).map(hangUp);
      const staying = triggers.deliverAll(url, ids);
      leaving.push(...gone.slice(5).map(hangUp));
      const [deliveries] = await Promise.all([staying, ...leaving]);
      expect(statuses(deliveries)).toEqual([200]);
      // Baseten delivers again if it got no response.
      expect(statuses(await triggers.deliverAll(url, gone))).toEqual([200]);
      expect(await triggers.receivedIds(workflow)).toEqual([...gone, ...ids].sort());
    },
    MINUTE,
  );

  test(
    'are all answered when the workflow is deactivated meanwhile',
    async () => {
      const workflow = await triggers.publish('deactivated');
      const url = triggers.urlOf('deactivated');
      const ids = idsOf('cut', 200);
      const [deliveries] = await Promise.all([
        triggers.deliverAll(url, ids),
        (async () => {
          await eventually(
            'the burst has begun',
            async () => (await triggers.api.executions(workflow)).length > 0,
          );
          await triggers.api.call('POST', `/rest/workflows/${workflow}/deactivate`, {});
        })(),
      ]);
      expect(statuses(deliveries)).not.toContain(undefined);
      const accepted = deliveries
        .filter(({ status }) => status === 200)
        .map(({ requestId }) => requestId);
      const inExecutions = await triggers.receivedIds(workflow);
      expect(inExecutions).toEqual([...new Set(inExecutions)]);
      expect(inExecutions).toEqual(expect.arrayContaining(accepted));
      expect((await triggers.deliver(url, payload('cut-after'))).status).toBe(404);
    },
    MINUTE,
  );
});

/**
 * Settings of n8n's default expression engine, and how many results at once it has to take with
 * them.
 */
const DEFAULT_ENGINE: Array<[string, Record<string, string>, number[]]> = [
  ['as it is', {}, [100]],
  ['with isolates on demand', { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' }, [300]],
];

describe.each(DEFAULT_ENGINE)("with n8n's default expression engine, %s", (_, env, counts) => {
  const triggers = useTriggers(env);

  test.each(counts)(
    '%i results that are ready at once all come in, none twice',
    async (count) => {
      const workflow = await triggers.publish(`queue-${count}`);
      const { requestIds, finish } = await submitHeldBack(count, triggers.urlOf(`queue-${count}`));
      finish();
      const statusesOf = (id: string) =>
        triggers.emulator.deliveries
          .filter(({ requestId }) => requestId === id)
          .map(({ status }) => status);
      // It was accepted, or it was tried twice: Baseten does not try a third time.
      const isOver = (id: string) => statusesOf(id).includes(200) || statusesOf(id).length === 2;
      await eventually('everything is delivered', async () => requestIds.every(isOver), 2 * MINUTE);
      // A receiver that was too slow to respond may still be at work.
      const ids = async () => await triggers.receivedIds(workflow);
      await eventually(
        'all are in executions',
        async () => new Set(await ids()).size === count,
        2 * MINUTE,
      );
      expect(await ids()).toEqual([...requestIds].sort());
    },
    5 * MINUTE,
  );

  /**
   * Submits async requests to a model that responds to all of them when `finish` is called.
   */
  async function submitHeldBack(count: number, webhookUrl: string) {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const handler = async () => {
      await finished;
      return json({ done: true });
    };
    const id = `held${count}`;
    triggers.emulator.addModel({ id, name: 'Held Back', handler, asyncConcurrency: count });
    const submitted = idsOf(id, count).map(async () => {
      const response = await request(
        `${triggers.emulator.url}/model-${id}/production/async_predict`,
        {
          method: 'POST',
          headers: {
            authorization: `Api-Key ${triggers.emulator.apiKey}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({ model_input: {}, webhook_endpoint: webhookUrl }),
        },
      );
      return ((await response.body.json()) as { request_id: string }).request_id;
    });
    return { requestIds: await Promise.all(submitted), finish };
  }
});

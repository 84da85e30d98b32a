import { eventually } from '../../support/eventually';
import { changedCredential } from '../../support/workflows';
import { idsOf, payload, statuses, useTriggers } from './triggers';

const MINUTE = 60_000;

const triggers = useTriggers();

describe.each(['SIGTERM', 'SIGKILL'] as const)(
  'after n8n got a %s and was started again',
  (signal) => {
    const together = idsOf(signal, 20);
    const ids = [...together, `${signal}-last`];
    let workflow: string;
    let credential: ReturnType<typeof changedCredential>;
    let losesSecret: string;

    const setSecret = async (webhookSecret: string) =>
      await triggers.api.call('PATCH', `/rest/credentials/${credential.id}`, {
        ...credential,
        data: { ...credential.data, webhookSecret },
      });

    beforeAll(async () => {
      workflow = await triggers.publish(`kept-${signal}`);
      const url = triggers.urlOf(`kept-${signal}`);
      expect(statuses(await triggers.deliverAll(url, together))).toEqual([200]);
      await triggers.receivedIds(workflow);
      // The trigger changes the static data once a second at most.
      const written = Date.now();
      await eventually('a second has passed', async () => Date.now() > written + 1_000);
      // When this one comes, the database already has static data, whose change n8n could lose.
      const { status } = await triggers.deliver(url, payload(`${signal}-last`));
      expect(status).toBe(200);
      await triggers.receivedIds(workflow);
      credential = changedCredential(triggers.testBed, { webhookSecret: triggers.secret });
      credential.id = await triggers.api.createCredential(credential);
      losesSecret = await triggers.publish(`loses-${signal}`, { credential: credential.id });
      await setSecret('');
      await triggers.testBed.kill(signal);
      await triggers.testBed.start();
    }, 3 * MINUTE);

    test('a duplicate is accepted and starts nothing', async () => {
      const again = await triggers.deliverAll(triggers.urlOf(`kept-${signal}`), ids);
      expect([...new Set(again.map(({ response }) => response))]).toEqual([
        '{"received":true,"note":"received before"}',
      ]);
      expect(await triggers.receivedIds(workflow)).toEqual([...ids].sort());
    });

    test('a new delivery comes in', async () => {
      const id = `${signal}-new`;
      const url = triggers.urlOf(`kept-${signal}`);
      expect((await triggers.deliver(url, payload(id))).status).toBe(200);
      expect(await triggers.receivedIds(workflow)).toEqual([...ids, id].sort());
    });

    test('a trigger whose secret is gone responds 503 until it is back', async () => {
      const url = triggers.urlOf(`loses-${signal}`);
      expect((await triggers.deliver(url, payload('kept'))).status).toBe(503);
      expect(await triggers.received(losesSecret)).toEqual([]);
      await setSecret(triggers.secret);
      expect((await triggers.emulator.redeliver('kept')).status).toBe(200);
      expect(await triggers.receivedIds(losesSecret)).toEqual(['kept']);
    });
  },
);

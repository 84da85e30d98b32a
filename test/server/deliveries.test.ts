import { request } from 'undici';
import { type Delivery, type Emulator, json, signatureHeader } from '../../emulator';
import { type Host, ensureHost } from '../../host/install/install';
import { type N8n, startN8n } from '../../host/n8n/n8n';
import { type Stage, openStage } from '../../host/demo/stage';
import { credentialOf } from '../support/workflows';
import {
  hostileRequests,
  idsOf,
  payload,
  received,
  receivedIds,
  sendAndHangUp,
  submitWorkflow,
  triggerWorkflow,
  until,
} from './triggers';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** After this long without an answer Baseten gives a delivery up. */
const PATIENCE = 10 * SECOND;
const LEGACY = { N8N_EXPRESSION_ENGINE: 'legacy' };

let host: Host;
let stage: Stage;
/** The stage's n8n, or the one that was started in its place. */
let n8n: N8n;
let emulator: Emulator;
let secret: string;

beforeAll(async () => {
  host = await ensureHost(() => undefined);
}, 20 * MINUTE);

async function open(env: Record<string, string>): Promise<void> {
  stage = await openStage({ host, env });
  n8n = stage.n8n;
  emulator = stage.emulator as Emulator;
  secret = emulator.webhookSecrets[0] as string;
}

async function close(): Promise<void> {
  await n8n?.stop();
  await stage?.close();
}

/** Ends n8n with a signal and starts it again on the same data and the same port. */
async function restart(signal: NodeJS.Signals, env: Record<string, string>): Promise<void> {
  await n8n.kill(signal);
  n8n = await startN8n({ host, userFolder: n8n.userFolder, port: n8n.port, project: false, env });
}

const urlOf = (webhookId: string, kind = 'webhook') => `${n8n.url}/${kind}/${webhookId}/webhook`;

/** Publishes a trigger of its own; returns its workflow's ID. The credential is the stage's by default. */
async function publish(
  webhookId: string,
  {
    parameters,
    credential = stage.credential.id,
  }: { parameters?: object; credential?: string } = {},
): Promise<string> {
  const workflow = triggerWorkflow(webhookId, { ...parameters });
  const id = await n8n.api.importWorkflow(workflow, { basetenApi: credential });
  await n8n.api.publish(id);
  return id;
}

/** Delivers all of them at once; the answers in their order. */
async function burst(url: string, ids: string[]): Promise<Delivery[]> {
  return await Promise.all(ids.map(async (id) => await emulator.deliver(url, payload(id))));
}

/** What is changed about a delivery after it was signed: the signature, or fields of the body. */
interface Tampering {
  change?: (right: string) => string;
  data?: string;
  time?: string;
}

const statuses = (deliveries: Delivery[]) => [...new Set(deliveries.map(({ status }) => status))];

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * SECOND).toISOString();

describe("with n8n's legacy expression engine", () => {
  beforeAll(async () => await open(LEGACY), 5 * MINUTE);
  afterAll(close, MINUTE);

  describe('a delivery', () => {
    let workflow: string;
    let url: string;

    beforeAll(async () => {
      workflow = await publish('single');
      url = urlOf('single');
    }, MINUTE);

    /** Nothing that was refused can come in after this: executions are recorded before the answer. */
    const inExecutions = async () => await receivedIds(n8n.api, workflow);
    const signedBy = (secrets: string[], body: unknown) => emulator.deliver(url, body, { secrets });

    test('that is genuine starts the workflow with the payload, its outcome and its metadata', async () => {
      const body = payload('genuine');
      const { status, answer } = await emulator.deliver(url, body);
      expect([status, answer]).toEqual([200, '{"received":true}']);
      const items = await received(n8n.api, workflow);
      expect(items.map((item) => item.json)).toEqual([{ ...body, succeeded: true, metadata: {} }]);
    });

    test('that came before is accepted and starts nothing', async () => {
      const before = await inExecutions();
      const sameBytes = await emulator.redeliver('genuine');
      const sentAnew = await emulator.deliver(url, payload('genuine'));
      for (const again of [sameBytes, sentAnew]) {
        expect([again.status, JSON.parse(again.answer ?? '')]).toEqual([
          200,
          { received: true, note: 'received before' },
        ]);
      }
      expect(await inExecutions()).toEqual(before);
    });

    test.each([
      ['unsigned', async () => await signedBy([], payload('x')), 401],
      ['forged', async () => await signedBy(['whsec_forged'], payload('x')), 401],
      [
        'stale',
        async () => await emulator.deliver(url, payload('x', { time: secondsAgo(301) })),
        401,
      ],
      [
        'too early',
        async () => await emulator.deliver(url, payload('x', { time: secondsAgo(-400) })),
        401,
      ],
      ['empty', async () => await emulator.deliver(url, ''), 400],
      ['empty and unsigned', async () => await signedBy([], ''), 401],
      ['an empty object', async () => await emulator.deliver(url, {}), 400],
      ['an array', async () => await emulator.deliver(url, [payload('x')]), 400],
      ['null', async () => await emulator.deliver(url, null), 400],
      [
        'of another type',
        async () => await emulator.deliver(url, payload('x', { type: 'other' })),
        400,
      ],
      ['without a request ID', async () => await emulator.deliver(url, payload('')), 400],
      [
        'without a time',
        async () => await emulator.deliver(url, payload('x', { time: undefined })),
        400,
      ],
      [
        'no list of errors',
        async () => await emulator.deliver(url, payload('x', { errors: 'none' })),
        400,
      ],
      [
        'plain text',
        async () =>
          await emulator.deliver(url, 'hello', { headers: { 'content-type': 'text/plain' } }),
        400,
      ],
      // n8n parses JSON before it asks the node.
      ['broken JSON', async () => await emulator.deliver(url, '{"request_id": "x"'), 422],
      [
        '10 MB and unsigned',
        async () => await signedBy([], payload('x', { data: '8'.repeat(10e6) })),
        401,
      ],
    ])(
      'that is %s is refused and starts nothing',
      async (_, deliver, status) => {
        const before = await inExecutions();
        expect((await deliver()).status).toBe(status);
        expect(await inExecutions()).toEqual(before);
      },
      MINUTE,
    );

    test.each([
      ['a shortened signature', { change: (right: string) => right.slice(0, -1) }],
      ['half a signature', { change: (right: string) => right.slice(0, 35) }],
      ['a longer signature', { change: (right: string) => `${right}0` }],
      ['no version before the signature', { change: (right: string) => right.slice(3) }],
      ['a changed body', { data: 'changed' }],
      ['a changed time', { time: secondsAgo(1) }],
    ])('with %s is refused and starts nothing', async (_, { change, ...changed }: Tampering) => {
      const before = await inExecutions();
      const body = payload('tampered');
      const right = signatureHeader(Buffer.from(JSON.stringify(body)), [secret]) as string;
      const headers = { 'X-BASETEN-SIGNATURE': change?.(right) ?? right };
      const { status } = await emulator.deliver(url, { ...body, ...changed }, { headers });
      expect(status).toBe(401);
      expect(await inExecutions()).toEqual(before);
    });

    test('of 10 MB comes in whole', async () => {
      const before = await received(n8n.api, workflow);
      const data = '8'.repeat(10e6);
      expect((await emulator.deliver(url, payload('large', { data }))).status).toBe(200);
      const items = (await received(n8n.api, workflow)).slice(before.length);
      expect(items.map(({ json }) => json.data === data)).toEqual([true]);
    });

    test('of a failed inference comes in with its errors', async () => {
      const before = await received(n8n.api, workflow);
      const errors = [{ code: 'MODEL_PREDICT_ERROR', message: 'out of memory' }];
      expect((await emulator.deliver(url, payload('failed', { data: null, errors }))).status).toBe(
        200,
      );
      const items = (await received(n8n.api, workflow)).slice(before.length);
      expect(items.map((item) => item.json)).toMatchObject([
        { errors, succeeded: false, data: null },
      ]);
    });

    test(
      '300 hostile ones start nothing and get no 5xx',
      async () => {
        const before = await inExecutions();
        const answered = new Map<number, number>();
        for (const { query, headers, body } of hostileRequests(20_260_101, 300, secret)) {
          const answer = await request(url + query, { method: 'POST', headers, body });
          await answer.body.dump();
          answered.set(answer.statusCode, (answered.get(answer.statusCode) ?? 0) + 1);
        }
        expect([...answered.keys()].filter((status) => status < 400 || status >= 500)).toEqual([]);
        // The greater part of them gets as far as the node.
        expect((answered.get(400) ?? 0) + (answered.get(401) ?? 0)).toBeGreaterThan(150);
        expect(await inExecutions()).toEqual(before);
      },
      2 * MINUTE,
    );
  });

  describe('while the secret is being rotated', () => {
    let both: string;
    let url: string;
    let newer: string;

    beforeAll(async () => {
      newer = emulator.rotateWebhookSecret();
      const webhookSecret = emulator.webhookSecrets.join(', ');
      const credential = await n8n.api.createCredential(credentialOf(stage, { webhookSecret }));
      both = await publish('rotated', { credential });
      url = urlOf('rotated');
    }, MINUTE);

    test('deliveries signed with either or both come in', async () => {
      const twice = await emulator.deliver(url, payload('both'));
      expect(twice.headers['X-BASETEN-SIGNATURE']?.split(',')).toHaveLength(2);
      const old = await emulator.deliver(url, payload('old'), { secrets: [secret] });
      const fresh = await emulator.deliver(url, payload('new'), { secrets: [newer] });
      const strange = await emulator.deliver(url, payload('strange'), {
        secrets: ['whsec_a', 'whsec_b'],
      });
      expect([twice, old, fresh, strange].map(({ status }) => status)).toEqual([
        200, 200, 200, 401,
      ]);
      expect(await receivedIds(n8n.api, both)).toEqual(['both', 'new', 'old']);
    });

    test('a credential that still has only the old one takes deliveries signed with both', async () => {
      const id = await publish('not-rotated');
      expect((await emulator.deliver(urlOf('not-rotated'), payload('both'))).status).toBe(200);
      expect(await receivedIds(n8n.api, id)).toEqual(['both']);
    });
  });

  describe('metadata', () => {
    const metadata = { order: 7, name: 'Ærøskøbing 漢字 😀', nested: { list: [1, null] } };
    let workflow: string;
    let sent: Delivery;

    beforeAll(async () => {
      workflow = await publish('metadata');
      const webhookUrl = urlOf('metadata');
      const submit = submitWorkflow({ webhookUrl, metadata: JSON.stringify(metadata) });
      const id = await n8n.api.importWorkflow(submit, { basetenApi: stage.credential.id });
      const run = await n8n.api.runAndWait(id, 'Start');
      const requestId = run.items('Submit')[0]?.json.request_id;
      const delivered = () =>
        emulator.deliveries.find((delivery) => delivery.requestId === requestId);
      await until('the result is delivered', async () => delivered()?.status !== undefined);
      sent = delivered() as Delivery;
    }, MINUTE);

    test('comes out of the trigger with the result', async () => {
      expect(sent.status).toBe(200);
      const items = await received(n8n.api, workflow);
      expect(items.map(({ json }) => [json.metadata, json.metadataInvalid])).toEqual([
        [metadata, undefined],
      ]);
    });

    test.each([
      ['changed', (query: URLSearchParams) => query.set('baseten_metadata', 'eyJvcmRlciI6OH0')],
      ['unsigned', (query: URLSearchParams) => query.delete('baseten_metadata_signature')],
    ])('that was %s is dropped, and the result kept', async (how, tamper) => {
      const url = new URL(sent.url);
      tamper(url.searchParams);
      expect((await emulator.deliver(url.href, payload(`meta-${how}`))).status).toBe(200);
      const item = (await received(n8n.api, workflow)).find(
        ({ json }) => json.request_id === `meta-${how}`,
      );
      expect(item?.json).toMatchObject({
        metadata: {},
        metadataInvalid: true,
        data: { of: `meta-${how}` },
      });
    });
  });

  describe('many deliveries at once', () => {
    test(
      '300 are all answered 200 in time and all come in, none twice',
      async () => {
        const workflow = await publish('burst');
        const ids = idsOf('burst', 300);
        const started = Date.now();
        const deliveries = await burst(urlOf('burst'), ids);
        expect(Date.now() - started).toBeLessThan(PATIENCE);
        expect(statuses(deliveries)).toEqual([200]);
        expect(await receivedIds(n8n.api, workflow)).toEqual([...ids].sort());
      },
      MINUTE,
    );

    test(
      'and each of them twice at the same time still come in once',
      async () => {
        const workflow = await publish('pairs');
        const ids = idsOf('pair', 50);
        expect(statuses(await burst(urlOf('pairs'), [...ids, ...ids]))).toEqual([200]);
        expect(await receivedIds(n8n.api, workflow)).toEqual([...ids].sort());
      },
      MINUTE,
    );

    test(
      'clients that hang up strand nobody, and what they sent comes in once',
      async () => {
        const workflow = await publish('hangups');
        const url = urlOf('hangups');
        const gone = idsOf('gone', 10);
        const ids = idsOf('stayed', 100);
        const hangUp = async (id: string) => await sendAndHangUp(emulator, url, payload(id));
        // The first to come leads the first group: it is one of those that leave.
        const leaving = gone.slice(0, 5).map(hangUp);
        const staying = burst(url, ids);
        leaving.push(...gone.slice(5).map(hangUp));
        const [deliveries] = await Promise.all([staying, ...leaving]);
        expect(statuses(deliveries)).toEqual([200]);
        // Who got no answer delivers again.
        expect(statuses(await burst(url, gone))).toEqual([200]);
        expect(await receivedIds(n8n.api, workflow)).toEqual([...gone, ...ids].sort());
      },
      MINUTE,
    );

    test(
      'are all answered when the workflow is deactivated meanwhile',
      async () => {
        const workflow = await publish('deactivated');
        const url = urlOf('deactivated');
        const ids = idsOf('cut', 200);
        const [deliveries] = await Promise.all([
          burst(url, ids),
          (async () => {
            await until(
              'the burst has begun',
              async () => (await n8n.api.executions(workflow)).length > 0,
            );
            await n8n.api.call('POST', `/rest/workflows/${workflow}/deactivate`, {});
          })(),
        ]);
        expect(statuses(deliveries)).not.toContain(undefined);
        const accepted = deliveries
          .filter(({ status }) => status === 200)
          .map(({ requestId }) => requestId);
        const inExecutions = await receivedIds(n8n.api, workflow);
        expect(inExecutions).toEqual([...new Set(inExecutions)]);
        expect(inExecutions).toEqual(expect.arrayContaining(accepted));
        expect((await emulator.deliver(url, payload('cut-after'))).status).toBe(404);
      },
      MINUTE,
    );
  });

  describe('the test URL', () => {
    let workflow: string;
    let url: string;

    const listen = async () =>
      await n8n.api.call<object>('POST', `/rest/workflows/${workflow}/run`, {
        triggerToStartFrom: { name: 'Trigger' },
      });

    beforeAll(async () => {
      const credentials = { basetenApi: stage.credential.id };
      workflow = await n8n.api.importWorkflow(triggerWorkflow('tried'), credentials);
      url = urlOf('tried', 'webhook-test');
    }, MINUTE);

    test('is there only while the editor listens', async () => {
      expect((await emulator.deliver(url, payload('early'))).status).toBe(404);
    });

    test('verifies and starts the workflow like the production one', async () => {
      expect(await listen()).toEqual({ waitingForWebhook: true });
      expect(
        (await emulator.deliver(url, payload('tried'), { secrets: ['whsec_forged'] })).status,
      ).toBe(401);
      expect(await received(n8n.api, workflow)).toEqual([]);
      const { status, answer } = await emulator.deliver(url, payload('tried'));
      expect([status, answer]).toEqual([200, '{"received":true}']);
      expect(await receivedIds(n8n.api, workflow)).toEqual(['tried']);
    });

    test('takes the same delivery again, as one does while trying', async () => {
      await listen();
      expect((await emulator.redeliver('tried')).status).toBe(200);
      expect(await receivedIds(n8n.api, workflow)).toEqual(['tried', 'tried']);
    });
  });

  describe('a credential without a webhook secret', () => {
    const WHY = 'There is no webhook secret to verify deliveries with';

    test(
      'keeps the workflow from being activated, and the message says why',
      async () => {
        const credential = await n8n.api.createCredential(
          credentialOf(stage, { webhookSecret: '' }),
        );
        await expect(publish('no-secret', { credential })).rejects.toThrow(WHY);
        expect((await emulator.deliver(urlOf('no-secret'), payload('x'))).status).toBe(404);
      },
      // n8n tries again for a while before it calls an activation failed.
      MINUTE,
    );

    test('is enough where signatures are not verified', async () => {
      const credential = await n8n.api.createCredential(credentialOf(stage, { webhookSecret: '' }));
      const parameters = { verifySignature: false };
      const workflow = await publish('unverified', { credential, parameters });
      const { status } = await emulator.deliver(urlOf('unverified'), payload('unverified'), {
        secrets: [],
      });
      expect(status).toBe(200);
      expect(await receivedIds(n8n.api, workflow)).toEqual(['unverified']);
    });
  });

  describe.each(['SIGTERM', 'SIGKILL'] as const)(
    'after n8n got a %s and was started again',
    (signal) => {
      const together = idsOf(signal, 20);
      const ids = [...together, `${signal}-last`];
      let workflow: string;
      let credential: ReturnType<typeof credentialOf>;
      let losesSecret: string;

      const setSecret = async (webhookSecret: string) =>
        await n8n.api.call('PATCH', `/rest/credentials/${credential.id}`, {
          ...credential,
          data: { ...credential.data, webhookSecret },
        });

      beforeAll(async () => {
        workflow = await publish(`kept-${signal}`);
        expect(statuses(await burst(urlOf(`kept-${signal}`), together))).toEqual([200]);
        await receivedIds(n8n.api, workflow);
        // This one finds static data in the database already, whose change n8n would lose track of.
        expect(
          (await emulator.deliver(urlOf(`kept-${signal}`), payload(`${signal}-last`))).status,
        ).toBe(200);
        await receivedIds(n8n.api, workflow);
        credential = credentialOf(stage, { webhookSecret: secret });
        credential.id = await n8n.api.createCredential(credential);
        losesSecret = await publish(`loses-${signal}`, { credential: credential.id });
        await setSecret('');
        await restart(signal, LEGACY);
      }, 3 * MINUTE);

      test('a duplicate is accepted and starts nothing', async () => {
        const again = await burst(urlOf(`kept-${signal}`), ids);
        expect([...new Set(again.map(({ answer }) => answer))]).toEqual([
          '{"received":true,"note":"received before"}',
        ]);
        expect(await receivedIds(n8n.api, workflow)).toEqual([...ids].sort());
      });

      test('a new delivery comes in', async () => {
        const id = `${signal}-new`;
        expect((await emulator.deliver(urlOf(`kept-${signal}`), payload(id))).status).toBe(200);
        expect(await receivedIds(n8n.api, workflow)).toEqual([...ids, id].sort());
      });

      test('a trigger whose secret is gone answers 503 until it is back', async () => {
        const url = urlOf(`loses-${signal}`);
        expect((await emulator.deliver(url, payload('kept'))).status).toBe(503);
        expect(await received(n8n.api, losesSecret)).toEqual([]);
        await setSecret(secret);
        expect((await emulator.redeliver('kept')).status).toBe(200);
        expect(await receivedIds(n8n.api, losesSecret)).toEqual(['kept']);
      });
    },
  );
});

/** Settings of n8n's default expression engine, and how many results at once they have to stand. */
const DEFAULT_ENGINE: Array<[string, Record<string, string>, number[]]> = [
  ['as it is', {}, [100]],
  ['with isolates on demand', { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' }, [300]],
];

describe.each(DEFAULT_ENGINE)("with n8n's default expression engine, %s", (_, env, counts) => {
  beforeAll(async () => await open(env), 5 * MINUTE);
  afterAll(close, MINUTE);

  test.each(counts)(
    '%i results that are ready at once all come in, none twice',
    async (count) => {
      const workflow = await publish(`queue-${count}`);
      const { requestIds, finish } = await submitHeldBack(count, urlOf(`queue-${count}`));
      finish();
      const statusesOf = (id: string) =>
        emulator.deliveries.filter(({ requestId }) => requestId === id).map(({ status }) => status);
      // Either it was taken, or it was tried twice: then nothing more comes.
      const isOver = (id: string) => statusesOf(id).includes(200) || statusesOf(id).length === 2;
      await until('everything is delivered', async () => requestIds.every(isOver), 2 * MINUTE);
      // A receiver that was too slow to answer may still be at it.
      const ids = async () => await receivedIds(n8n.api, workflow);
      await until(
        'all are in executions',
        async () => new Set(await ids()).size === count,
        2 * MINUTE,
      );
      expect(await ids()).toEqual([...requestIds].sort());
    },
    5 * MINUTE,
  );

  /** Submits async requests to a model that answers all of them at the moment `finish` is called. */
  async function submitHeldBack(count: number, webhookUrl: string) {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const handler = async () => {
      await finished;
      return json({ done: true });
    };
    const id = `held${count}`;
    emulator.addModel({ id, name: 'Held Back', handler, asyncConcurrency: count });
    const answers = idsOf(id, count).map(async () => {
      const answer = await request(`${emulator.url}/model-${id}/production/async_predict`, {
        method: 'POST',
        headers: {
          authorization: `Api-Key ${emulator.apiKey}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ model_input: {}, webhook_endpoint: webhookUrl }),
      });
      return ((await answer.body.json()) as { request_id: string }).request_id;
    });
    return { requestIds: await Promise.all(answers), finish };
  }
});

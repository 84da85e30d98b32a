import { request } from 'undici';
import { signatureHeader } from '../../../emulator';
import { eventually } from '../../support/eventually';
import { changedCredential } from '../../support/workflows';
import { hostileRequests } from './hostileRequests';
import { payload, useTriggers } from './triggers';
import { triggerWorkflow } from './workflows';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const triggers = useTriggers();

/** A change of a delivery that was signed: of the signature, or of fields of the body. */
interface Tampering {
  change?: (right: string) => string;
  data?: string;
  time?: string;
}

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * SECOND).toISOString();

describe('a delivery', () => {
  let workflow: string;
  let url: string;

  beforeAll(async () => {
    workflow = await triggers.publish('single');
    url = triggers.urlOf('single');
  }, MINUTE);

  /**
   * The requests in executions. What was refused can't come in later: n8n records an execution
   * before it responds.
   */
  const inExecutions = async () => await triggers.receivedIds(workflow);
  const signedBy = (secrets: string[], body: unknown) => triggers.deliver(url, body, { secrets });

  test('that is genuine starts the workflow with payload, outcome and metadata', async () => {
    const body = payload('genuine');
    const { status, response } = await triggers.deliver(url, body);
    expect([status, response]).toEqual([200, '{"received":true}']);
    const items = await triggers.received(workflow);
    expect(items.map((item) => item.json)).toEqual([{ ...body, succeeded: true, metadata: {} }]);
  });

  test('that came before is accepted and starts nothing', async () => {
    const before = await inExecutions();
    const sameBytes = await triggers.emulator.redeliver('genuine');
    const sentAnew = await triggers.deliver(url, payload('genuine'));
    for (const again of [sameBytes, sentAnew]) {
      expect([again.status, JSON.parse(again.response ?? '')]).toEqual([
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
      async () => await triggers.deliver(url, payload('x', { time: secondsAgo(301) })),
      503,
    ],
    [
      'too early',
      async () => await triggers.deliver(url, payload('x', { time: secondsAgo(-400) })),
      503,
    ],
    ['empty', async () => await triggers.deliver(url, ''), 503],
    ['empty and unsigned', async () => await signedBy([], ''), 401],
    ['an empty object', async () => await triggers.deliver(url, {}), 503],
    ['an array', async () => await triggers.deliver(url, [payload('x')]), 503],
    ['null', async () => await triggers.deliver(url, null), 503],
    ['without a request ID', async () => await triggers.deliver(url, payload('')), 503],
    [
      'plain text',
      async () =>
        await triggers.deliver(url, 'hello', {
          headers: { 'content-type': 'text/plain' },
        }),
      503,
    ],
    // n8n parses JSON before it asks the node.
    ['broken JSON', async () => await triggers.deliver(url, '{"request_id": "x"'), 422],
    [
      'JSON with NaN',
      async () => await triggers.deliver(url, '{"request_id":"x","data":NaN}'),
      422,
    ],
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
    const right = signatureHeader(Buffer.from(JSON.stringify(body)), [triggers.secret]) as string;
    const headers = { 'X-BASETEN-SIGNATURE': change?.(right) ?? right };
    const { status } = await triggers.deliver(url, { ...body, ...changed }, { headers });
    expect(status).toBe(401);
    expect(await inExecutions()).toEqual(before);
  });

  test.each<[string, object]>([
    ['another type', { type: 'other' }],
    ['no time', { time: undefined }],
    ['a time in seconds', { time: Math.floor(Date.now() / SECOND) }],
    ['errors that are a text', { errors: 'out of memory' }],
    ['a request ID that is a number', { request_id: 4711 }],
    ['a long request ID', { request_id: 'x'.repeat(1_000) }],
  ])('with %s comes in, because a refusal would lose it', async (what, fields) => {
    const before = await triggers.received(workflow);
    expect((await triggers.deliver(url, payload(`odd ${what}`, fields))).status).toBe(200);
    expect((await triggers.received(workflow)).slice(before.length)).toHaveLength(1);
  });

  test('with a byte order mark comes in', async () => {
    const before = await triggers.received(workflow);
    const body = `\ufeff${JSON.stringify(payload('marked'))}`;
    expect((await triggers.deliver(url, body)).status).toBe(200);
    expect((await triggers.received(workflow)).slice(before.length)).toHaveLength(1);
  });

  test('whose data is nested 20,000 levels deep comes in', async () => {
    const depth = 20_000;
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const body = JSON.stringify(payload('nested', { data: 0 })).replace(
      '"data":0',
      `"data":${nested}`,
    );
    const deep = await triggers.publish('deep');
    expect((await triggers.deliver(triggers.urlOf('deep'), body)).status).toBe(200);
    await eventually('an execution that succeeded', async () => {
      const executions = await triggers.api.executions(deep);
      return executions.length === 1 && executions[0]?.status === 'success';
    });
  });

  test('of 10 MB comes in whole', async () => {
    const before = await triggers.received(workflow);
    const data = '8'.repeat(10e6);
    expect((await triggers.deliver(url, payload('large', { data }))).status).toBe(200);
    const items = (await triggers.received(workflow)).slice(before.length);
    expect(items.map(({ json }) => json.data === data)).toEqual([true]);
  });

  test('of a failed inference comes in with its errors', async () => {
    const before = await triggers.received(workflow);
    const errors = [{ code: 'MODEL_PREDICT_ERROR', message: 'out of memory' }];
    expect((await triggers.deliver(url, payload('failed', { data: null, errors }))).status).toBe(
      200,
    );
    const items = (await triggers.received(workflow)).slice(before.length);
    expect(items.map((item) => item.json)).toMatchObject([
      { errors, succeeded: false, data: null },
    ]);
  });

  test(
    '300 hostile ones start nothing, and get no 5xx but 503',
    async () => {
      const before = await inExecutions();
      const responses = new Map<number, number>();
      for (const { query, headers, body } of hostileRequests(20_260_101, 300, triggers.secret)) {
        const response = await request(url + query, { method: 'POST', headers, body });
        await response.body.dump();
        responses.set(response.statusCode, (responses.get(response.statusCode) ?? 0) + 1);
      }
      const others = [...responses.keys()].filter((status) => status !== 503);
      expect(others.filter((status) => status < 400 || status >= 500)).toEqual([]);
      // Most of them reach the node.
      expect((responses.get(503) ?? 0) + (responses.get(401) ?? 0)).toBeGreaterThan(150);
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
    newer = triggers.emulator.rotateWebhookSecret();
    const webhookSecret = triggers.emulator.webhookSecrets.join(', ');
    const credential = await triggers.api.createCredential(
      changedCredential(triggers.testBed, { webhookSecret }),
    );
    both = await triggers.publish('rotated', { credential });
    url = triggers.urlOf('rotated');
  }, MINUTE);

  test('deliveries signed with either or both come in', async () => {
    const twice = await triggers.deliver(url, payload('both'));
    expect(twice.headers['X-BASETEN-SIGNATURE']?.split(',')).toHaveLength(2);
    const old = await triggers.deliver(url, payload('old'), {
      secrets: [triggers.secret],
    });
    const fresh = await triggers.deliver(url, payload('new'), { secrets: [newer] });
    const strange = await triggers.deliver(url, payload('strange'), {
      secrets: ['whsec_a', 'whsec_b'],
    });
    expect([twice, old, fresh, strange].map(({ status }) => status)).toEqual([200, 200, 200, 401]);
    expect(await triggers.receivedIds(both)).toEqual(['both', 'new', 'old']);
  });

  test('a credential that has only the old one takes deliveries signed with both', async () => {
    const id = await triggers.publish('not-rotated');
    expect((await triggers.deliver(triggers.urlOf('not-rotated'), payload('both'))).status).toBe(
      200,
    );
    expect(await triggers.receivedIds(id)).toEqual(['both']);
  });
});

describe('the test URL', () => {
  let workflow: string;
  let url: string;

  const listen = async () =>
    await triggers.api.call<object>('POST', `/rest/workflows/${workflow}/run`, {
      triggerToStartFrom: { name: 'Trigger' },
    });

  beforeAll(async () => {
    const credentials = { basetenWorkspaceApi: triggers.testBed.credential.id };
    workflow = await triggers.api.importWorkflow(triggerWorkflow('tried'), credentials);
    url = triggers.urlOf('tried', 'webhook-test');
  }, MINUTE);

  test('is there only while the editor listens', async () => {
    expect((await triggers.deliver(url, payload('early'))).status).toBe(404);
  });

  test('verifies and starts the workflow like the production one', async () => {
    expect(await listen()).toEqual({ waitingForWebhook: true });
    expect(
      (await triggers.deliver(url, payload('tried'), { secrets: ['whsec_forged'] })).status,
    ).toBe(401);
    expect(await triggers.received(workflow)).toEqual([]);
    const { status, response } = await triggers.deliver(url, payload('tried'));
    expect([status, response]).toEqual([200, '{"received":true}']);
    expect(await triggers.receivedIds(workflow)).toEqual(['tried']);
  });

  test('takes the same delivery again, as one does while trying', async () => {
    await listen();
    expect((await triggers.emulator.redeliver('tried')).status).toBe(200);
    expect(await triggers.receivedIds(workflow)).toEqual(['tried', 'tried']);
  });
});

describe('a credential without a webhook secret', () => {
  const WHY = 'There is no webhook secret to verify deliveries with';

  test(
    'keeps the workflow from being activated, and the message says why',
    async () => {
      const credential = await triggers.api.createCredential(
        changedCredential(triggers.testBed, { webhookSecret: '' }),
      );
      await expect(triggers.publish('no-secret', { credential })).rejects.toThrow(WHY);
      expect((await triggers.deliver(triggers.urlOf('no-secret'), payload('x'))).status).toBe(404);
    },
    // n8n tries again for a while before it reports that the activation failed.
    MINUTE,
  );

  test('can be activated without a secret if it does not verify signatures', async () => {
    const credential = await triggers.api.createCredential(
      changedCredential(triggers.testBed, { webhookSecret: '' }),
    );
    const parameters = { verifySignature: false };
    const workflow = await triggers.publish('unverified', { credential, parameters });
    const { status } = await triggers.deliver(triggers.urlOf('unverified'), payload('unverified'), {
      secrets: [],
    });
    expect(status).toBe(200);
    expect(await triggers.receivedIds(workflow)).toEqual(['unverified']);
  });
});

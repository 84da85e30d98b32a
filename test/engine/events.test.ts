import type { INodeParameters } from 'n8n-workflow';

import { CHAIN_IDS, deploymentIdFor, MODEL_IDS } from '../../emulator';
import { auditEvent } from '../support/auditEvent';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';
import { PolledTrigger } from '../support/polling';

const MODEL = MODEL_IDS.echo;
const CHAIN = CHAIN_IDS.echo;
const PRODUCTION = deploymentIdFor(MODEL, 'production');
const STAGING = deploymentIdFor(MODEL, 'staging');

const emulator = useEmulator({ changeMs: 0 });

const trigger = (parameters: INodeParameters, more: Record<string, string> = {}) =>
  new PolledTrigger(credentialFor(emulator(), more), parameters);

const deploymentOf = (kind: 'model' | 'chain', owner: string, id: string) => {
  const found = emulator()
    .owner(kind, owner)
    .deployments.find((each) => each.id === id);
  if (!found) throw new Error(`There is no deployment ${id}`);
  return found;
};

const production = () => deploymentOf('model', MODEL, PRODUCTION);
const paths = () => emulator().requests.map(({ path }) => path.replace('/management', ''));

describe('the status of deployments', () => {
  const ofModel = { event: 'deploymentStatus', modelId: byId(MODEL) };

  afterEach(() => {
    for (const { deployments } of [
      emulator().owner('model', MODEL),
      emulator().owner('chain', CHAIN),
    ])
      for (const deployment of deployments) deployment.enterStatus('ACTIVE');
  });

  test('what is so at the first poll starts nothing', async () => {
    production().enterStatus('UNHEALTHY');
    const events = trigger(ofModel);
    expect((await events.activate()).started).toBe(false);
    expect((await events.poll()).started).toBe(false);
  });

  test('a change starts the workflow once, with what it is about', async () => {
    const events = trigger(ofModel);
    await events.activate();
    production().enterStatus('UNHEALTHY');
    const { items } = await events.poll();
    expect(items).toStrictEqual([
      {
        event: 'deploymentStatus',
        ownerType: 'model',
        model: { id: MODEL, name: emulator().owner('model', MODEL).name },
        deployment: { id: PRODUCTION, name: 'production', environment: 'production' },
        status: 'UNHEALTHY',
        previousStatus: 'ACTIVE',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        url: `https://app.baseten.co/models/${MODEL}/logs/${PRODUCTION}`,
      },
    ]);
    expect((await events.poll()).started).toBe(false);
    production().enterStatus('FAILED');
    expect((await events.poll()).items).toMatchObject([
      { status: 'FAILED', previousStatus: 'UNHEALTHY' },
    ]);
  });

  test('other statuses start nothing, and the same one counts again after them', async () => {
    const events = trigger(ofModel);
    await events.activate();
    const seen: unknown[] = [];
    for (const status of ['UPDATING', 'UNHEALTHY', 'ACTIVE', 'UNHEALTHY'] as const) {
      production().enterStatus(status);
      seen.push((await events.poll()).items.map((item) => item.status));
    }
    expect(seen).toStrictEqual([[], ['UNHEALTHY'], [], ['UNHEALTHY']]);
  });

  test('after a restart, what happened meanwhile comes once, and the rest not again', async () => {
    const events = trigger(ofModel);
    await events.activate();
    production().enterStatus('FAILED');
    expect((await events.poll()).items).toHaveLength(1);
    events.kill();
    deploymentOf('model', MODEL, STAGING).enterStatus('UNHEALTHY');
    const { items } = await events.activate('init');
    expect(items).toMatchObject([{ deployment: { id: STAGING } }]);
    events.kill();
    expect((await events.activate('init')).started).toBe(false);
  });

  test('recovered tells when a reported deployment is active again, and no other', async () => {
    const events = trigger({ ...ofModel, recovered: true });
    deploymentOf('model', MODEL, STAGING).enterStatus('UPDATING');
    await events.activate();
    production().enterStatus('UNHEALTHY');
    await events.poll();
    deploymentOf('model', MODEL, STAGING).enterStatus('ACTIVE');
    production().enterStatus('LOADING_MODEL');
    expect((await events.poll()).started).toBe(false);
    events.kill();
    production().enterStatus('ACTIVE');
    expect((await events.activate('init')).items).toMatchObject([
      { deployment: { id: PRODUCTION }, status: 'ACTIVE', previousStatus: 'UNHEALTHY' },
    ]);
    expect((await events.poll()).started).toBe(false);
  });

  test('a chain', async () => {
    const id = deploymentIdFor(CHAIN, 'staging');
    const events = trigger({ event: 'deploymentStatus', ownerType: 'chain', chainId: byId(CHAIN) });
    await events.activate();
    deploymentOf('chain', CHAIN, id).enterStatus('FAILED');
    expect((await events.poll()).items).toMatchObject([
      { ownerType: 'chain', chain: { id: CHAIN }, deployment: { id, environment: 'staging' } },
    ]);
  });

  test('all models, with one list call each', async () => {
    const events = trigger({ event: 'deploymentStatus', modelId: byId('') });
    await events.activate();
    emulator().clearRequests();
    production().enterStatus('UNHEALTHY');
    expect((await events.poll()).items).toHaveLength(1);
    const models = Object.values(MODEL_IDS).map((id) => `/v1/models/${id}/deployments`);
    expect(paths().sort()).toStrictEqual(['/v1/models', ...models].sort());
  });

  test('a deployment that is new counts from its first status', async () => {
    const events = trigger({ event: 'deploymentStatus', modelId: byId('') });
    await events.activate();
    const { handler } = emulator().owner('model', MODEL);
    const { deployments } = emulator().addModel({ id: 'brandnew1', name: 'New', handler });
    deployments[0]?.enterStatus('BUILD_FAILED');
    expect((await events.poll()).items).toMatchObject([
      { model: { id: 'brandnew1' }, status: 'BUILD_FAILED', previousStatus: null },
    ]);
  });

  test('if one model can’t be read, what others have comes at once, and its own later', async () => {
    const events = trigger({ event: 'deploymentStatus', modelId: byId('') });
    await events.activate();
    const unread = MODEL_IDS.llm;
    const fault = { kind: 'status', status: 400, times: 1 } as const;
    const match = { path: new RegExp(`/models/${unread}/`) };
    emulator().faults.add({ ...fault, match });
    const other = deploymentOf('model', unread, deploymentIdFor(unread, 'production'));
    other.enterStatus('UNHEALTHY');
    production().enterStatus('UNHEALTHY');
    expect((await events.poll()).items).toMatchObject([{ model: { id: MODEL } }]);
    expect((await events.poll()).items).toMatchObject([{ model: { id: unread } }]);
    expect((await events.poll()).started).toBe(false);
    emulator().faults.add({ ...fault, match });
    await expect(events.poll()).rejects.toThrow(`the deployments of model ${unread}`);
    other.enterStatus('ACTIVE');
  });

  test('other settings begin anew', async () => {
    const events = trigger(ofModel);
    await events.activate();
    production().enterStatus('INACTIVE');
    await events.poll();
    events.parameters = { ...ofModel, statuses: ['INACTIVE'] };
    expect((await events.activate()).started).toBe(false);
  });

  test('a test event is a deployment as it is, one in a chosen status if there is one', async () => {
    const events = trigger(ofModel);
    expect(await events.fetchTestEvent()).toMatchObject([{ status: 'ACTIVE' }]);
    deploymentOf('model', MODEL, STAGING).enterStatus('FAILED');
    expect(await events.fetchTestEvent()).toMatchObject([
      { deployment: { id: STAGING }, status: 'FAILED', previousStatus: null },
    ]);
  });

  test.each([
    [{ statuses: [] }, 'No Statuses are chosen'],
    [{ statuses: ['GONE'] }, 'Statuses can\'t be "GONE"'],
    [{ event: 'other' }, 'Event can\'t be "other"'],
    [{ event: 'spending', limit: '={{ null }}' }, 'Limit is empty'],
    [{ event: 'auditLog', eventGroups: ['ALL'] }, 'Event Groups can\'t be "ALL"'],
  ])('%j is refused before anything is asked', async (parameters, message) => {
    await expect(trigger({ ...ofModel, ...parameters }).activate()).rejects.toThrow(message);
    expect(emulator().requests).toHaveLength(0);
  });

  test('a key that may not manage is told so; at a start of n8n only the log is', async () => {
    const events = trigger(ofModel, { apiKey: emulator().inferenceOnlyKey });
    await expect(events.activate()).rejects.toThrow('may not read');
    expect((await events.activate('init')).started).toBe(false);
    await expect(events.poll()).rejects.toThrow('may not read');
  });
});

describe('promotions', () => {
  const ofModel = { event: 'promotion', modelId: byId(MODEL) };
  const promote = (deployment: string) =>
    emulator().environments.promote(emulator().owner('model', MODEL), 'staging', deployment, false);
  const shown = () =>
    emulator().environments.of(emulator().owner('model', MODEL), 'staging').promotion;

  test('one that succeeded, however quickly', async () => {
    const events = trigger(ofModel);
    expect((await events.activate()).started).toBe(false);
    const development = deploymentIdFor(MODEL, 'development');
    promote(development);
    await new Promise(setImmediate);
    expect((await events.poll()).items).toMatchObject([
      {
        event: 'promotion',
        model: { id: MODEL },
        deployment: { id: development, name: 'development', environment: 'staging' },
        status: 'SUCCEEDED',
      },
    ]);
    events.kill();
    expect((await events.activate('init')).started).toBe(false);
    promote(STAGING);
    await new Promise(setImmediate);
    expect((await events.activate('init')).items).toMatchObject([{ deployment: { id: STAGING } }]);
  });

  test('a test event is what serves', async () => {
    expect(await trigger(ofModel).fetchTestEvent()).toMatchObject([
      { event: 'promotion', status: 'SUCCEEDED', deployment: { environment: 'production' } },
    ]);
    expect(shown()).toBeUndefined();
  });
});

describe('spending', () => {
  const day = { event: 'spending', period: 'day', limit: 3 };
  const costs = (dedicated: string, credits = '0') =>
    (emulator().billing.costsOf = () => ({ dedicated, modelApis: '0.10', credits }));

  test('is told once a period, on the first poll too', async () => {
    costs('5.10', '4');
    const events = trigger(day);
    const today = new Date().toISOString().slice(0, 10);
    expect((await events.activate()).items).toStrictEqual([
      {
        event: 'spending',
        period: today,
        limit: 3,
        spent: 5.2,
        gross: 5.2,
        net: 1.2,
        time: expect.stringContaining(today) as string,
      },
    ]);
    emulator().clearRequests();
    expect((await events.poll()).started).toBe(false);
    events.kill();
    expect((await events.activate('init')).started).toBe(false);
    expect(emulator().requests).toHaveLength(0);
  });

  test('not before the limit is passed; another limit counts anew', async () => {
    costs('2.90');
    const events = trigger(day);
    expect((await events.activate()).started).toBe(false);
    costs('2.91');
    expect((await events.poll()).items).toMatchObject([{ spent: 3.01 }]);
    events.parameters = { ...day, limit: 10 };
    expect((await events.activate()).started).toBe(false);
    costs('20');
    expect((await events.poll()).items).toMatchObject([{ limit: 10, spent: 20.1 }]);
  });

  test('after credits if asked for, over a month', async () => {
    costs('5', '5');
    const net = trigger({ event: 'spending', limit: 1000, measure: 'net' });
    expect((await net.activate()).started).toBe(false);
    const [item] = await net.fetchTestEvent();
    expect(item).toMatchObject({ period: new Date().toISOString().slice(0, 7), limit: 1000 });
    expect(item?.spent).toBe(item?.net);
    const start = new URLSearchParams(emulator().requests[0]?.search).get('start_date');
    expect(start).toMatch(/-01T00:00:00.000Z$/);
  });
});

describe('the audit log', () => {
  const add = (deployment_id: string, event_type = 'MODEL_DEPLOYMENT_ACTIVATED') =>
    emulator().auditLog.add(auditEvent(event_type, deployment_id));

  test('entries come once, in order, with what happened while n8n was down', async () => {
    add('before');
    const events = trigger({ event: 'auditLog', eventGroups: ['ACTIVATED_DEACTIVATED'] });
    expect((await events.activate()).started).toBe(false);
    const names = (items: Array<{ event_data?: unknown }>) =>
      items.map(({ event_data }) => (event_data as { deployment_id: string }).deployment_id);
    add('first');
    add('of another group', 'MODEL_DEPLOYMENT_PROMOTED');
    add('second');
    const { items } = await events.poll();
    expect(names(items)).toStrictEqual(['first', 'second']);
    expect(items[0]).toMatchObject({ event_type: 'MODEL_DEPLOYMENT_ACTIVATED', source: 'API' });
    expect((await events.poll()).started).toBe(false);
    events.kill();
    const many = Array.from({ length: 450 }, (_, number) => `n${number}`);
    for (const each of many) add(each);
    expect(names((await events.activate('init')).items)).toStrictEqual(many);
    expect((await events.poll()).started).toBe(false);
    expect(names(await events.fetchTestEvent())).toStrictEqual(['n449']);
  });

  test('all groups, from an empty log on', async () => {
    const events = trigger({ event: 'auditLog', eventGroups: ['SECRETS'] });
    await events.activate();
    await expect(events.fetchTestEvent()).rejects.toThrow('The audit log has no such entry yet');
    const all = trigger({ event: 'auditLog' });
    await all.activate();
    add('any');
    expect((await all.poll()).items).toHaveLength(1);
  });
});

import {
  CHAIN_IDS,
  MODEL_API_SLUGS,
  MODEL_IDS,
  deploymentIdFor,
  manualClock,
} from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator, type TestResponse } from './support/testEmulator';

afterEach(stopAll);

const V1 = '/management/v1';

test('lists every model and chain', async () => {
  const { get } = await startTestEmulator();
  const { models } = (await get(`${V1}/models`)).json;
  expect(models.map(({ id }: { id: string }) => id).sort()).toEqual(
    Object.values(MODEL_IDS).sort(),
  );
  const { chains } = (await get(`${V1}/chains`)).json;
  expect(chains.map(({ id }: { id: string }) => id).sort()).toEqual(
    Object.values(CHAIN_IDS).sort(),
  );
});

test('lists a model added by a test', async () => {
  const { emulator, get } = await startTestEmulator();
  emulator.addModel({ id: 'added001', name: 'Added', handler: () => ({ body: '' }) });
  expect((await get(`${V1}/models/added001`)).json).toMatchObject({
    id: 'added001',
    name: 'Added',
  });
});

test('a model has a development deployment and one for each environment', async () => {
  const { get } = await startTestEmulator();
  const { deployments } = (await get(`${V1}/models/${MODEL_IDS.echo}/deployments`)).json;
  const environments = deployments.map(
    ({ environment }: { environment: string | null }) => environment,
  );
  expect(environments).toEqual(['production', 'staging', 'prod-us', null]);
  expect(
    deployments.map(({ is_development }: { is_development: boolean }) => is_development),
  ).toEqual([false, false, false, true]);
});

test.each([
  [`${V1}/models/nothere1`],
  [`${V1}/models/${MODEL_IDS.echo}/environments/nope`],
  [`${V1}/models/${MODEL_IDS.echo}/deployments/nope`],
  [`${V1}/chains/nothere1`],
  [`${V1}/model_apis/nope`],
])('%s gets 404', async (path) => {
  const { get } = await startTestEmulator();
  expect((await get(path)).status).toBe(404);
});

describe('Model APIs', () => {
  test('come in pages, each of them once', async () => {
    const { get } = await startTestEmulator();
    const names: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < 10; pages++) {
      const page: TestResponse = await get(`${V1}/model_apis?limit=4&cursor=${cursor}`);
      const { items, pagination } = page.json;
      names.push(...items.map(({ name }: { name: string }) => name));
      expect(pagination.has_more).toBe(pagination.cursor !== null);
      cursor = pagination.cursor;
    }
    expect(names).toEqual(Object.values(MODEL_API_SLUGS));
  });

  test('can be limited to those added to the workspace', async () => {
    const { get } = await startTestEmulator();
    const { items } = (await get(`${V1}/model_apis?added_only=true`)).json;
    expect(items.map(({ name }: { name: string }) => name)).not.toContain(
      MODEL_API_SLUGS.notEnabled,
    );
  });

  test('can be added by a test', async () => {
    const { emulator, get } = await startTestEmulator();
    emulator.addModelApi({ name: 'test/added' });
    expect((await get(`${V1}/model_apis/test%2Fadded`)).json.name).toBe('test/added');
    const { data } = (await get('/inference/v1/models')).json;
    expect(data.map(({ id }: { id: string }) => id)).toContain('test/added');
  });

  test.each(['limit=0', 'limit=1001', 'limit=x', 'cursor=nonsense'])(
    'refuse %s with 400',
    async (query) => {
      const { get } = await startTestEmulator();
      expect((await get(`${V1}/model_apis?${query}`)).status).toBe(400);
    },
  );
});

test('a deployment has its configuration, raw, parsed or both', async () => {
  const { emulator, get } = await startTestEmulator();
  const metadata = { example_model_input: { prompt: 'a fox' }, tags: ['image'] };
  emulator.addModel({ id: 'added001', name: 'Added', metadata, handler: () => ({ body: '' }) });
  const url = `${V1}/models/added001/deployments/${deploymentIdFor('added001', 'production')}/config`;
  const config = { model_name: 'Added', model_metadata: metadata };
  expect((await get(`${url}?output_format=parsed`)).json).toStrictEqual({
    config,
    raw_config: null,
  });
  const raw = (await get(`${url}?output_format=raw`)).json;
  expect(raw).toStrictEqual({ config: null, raw_config: JSON.stringify(config, null, 2) });
  expect((await get(url)).json).toStrictEqual({ config, raw_config: raw.raw_config });
  expect((await get(`${url}?output_format=yaml`)).status).toBe(400);
});

test('the configuration takes an ID alone', async () => {
  const { get } = await startTestEmulator();
  const base = `${V1}/models/${MODEL_IDS.echo}/deployments`;
  expect((await get(`${base}/production/config`)).status).toBe(404);
});

describe('schedules of an environment', () => {
  const path = `${V1}/models/${MODEL_IDS.echo}/environments/production`;
  const settings = {
    min_replica: 2,
    max_replica: 5,
    autoscaling_window: null,
    scale_down_delay: null,
    concurrency_target: 7,
    target_utilization_percentage: null,
    target_in_flight_tokens: null,
    max_scale_down_rate: null,
  };
  const officeHours = {
    name: 'office-hours',
    enabled: true,
    cadence: 'DAILY',
    weekdays: ['THURSDAY'],
    start_hour: 8,
    start_minute: 0,
    end_hour: 18,
    end_minute: 0,
    autoscaling_settings: settings,
  };
  /** A Thursday: nine in the morning in Berlin. */
  const NINE = Date.parse('2026-01-15T08:00:00Z');

  test('apply by the clock of their time zone, and are replaced and deleted by their IDs', async () => {
    const clock = manualClock(NINE);
    const { send } = await startTestEmulator({ clock });
    const patch = async (autoscaling_schedule_settings: object) => {
      const { json } = await send('PATCH', path, { autoscaling_schedule_settings });
      return json.environment.autoscaling_schedules;
    };
    const made = await patch({ timezone: 'Europe/Berlin', schedules: [officeHours] });
    const [{ id }] = made.schedules;
    expect(made.applied_state).toMatchObject({
      schedule_id: id,
      autoscaling_settings: { min_replica: 2, concurrency_target: 7, scale_down_delay: 900 },
    });
    const off = await patch({ schedules: [{ ...officeHours, id, enabled: false }] });
    expect(off.schedules).toHaveLength(1);
    expect(off.applied_state).toMatchObject({
      schedule_id: null,
      autoscaling_settings: { min_replica: 1 },
    });
    const elsewhere = await patch({
      timezone: 'America/New_York',
      schedules: [{ ...officeHours, id }],
    });
    expect(elsewhere.applied_state.schedule_id).toBeNull();
    expect(await patch({ delete_schedules: [id] })).toBeUndefined();
  });

  test.each([
    ['a part of a schedule', { timezone: 'Europe/Berlin', schedules: [{ name: 'x' }] }],
    ['no time zone', { schedules: [officeHours] }],
    ['an unknown ID', { delete_schedules: ['none'] }],
  ])('%s gets 400', async (_, autoscaling_schedule_settings) => {
    const { send } = await startTestEmulator();
    const { status } = await send('PATCH', path, { autoscaling_schedule_settings });
    expect(status).toBe(400);
  });
});

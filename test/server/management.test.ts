import { CHAIN_IDS, deploymentIdFor, MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { readExample } from '../../host/demo/examples';
import type { Run } from '../../host/n8n/run';
import { FAST_WEBHOOKS, type SimulatedTestBed } from '../../host/n8n/testBed';
import { chainOf, startingTrigger, type WorkflowJson } from '../../host/n8n/workflowJson';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { OPERATIONS } from '../support/operations';
import { byId } from '../support/parameters';
import { billingPayload } from '../support/payload';
import { triggerWorkflow } from './deliveries/workflows';

const MINUTE = 60_000;
const MODEL = MODEL_IDS.echo;
const CHAIN = CHAIN_IDS.echo;
const [STAGING, REGIONAL, DEVELOPMENT] = (['staging', 'regional', 'development'] as const).map(
  (role) => deploymentIdFor(MODEL, role),
) as [string, string, string];

const CREDENTIALS = { basetenWorkspaceApi: { id: 'baseten-demo', name: 'Baseten' } };

let testBed: SimulatedTestBed;

beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost(), env: FAST_WEBHOOKS });
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

/** A node of the long workflow: what it does, and the items that it has to give. */
type Row = [operation: string, parameters: Record<string, unknown>, items: object[] | number];

const ofModel = { ownerType: 'model', modelId: byId(MODEL) };
const ofChain = { ownerType: 'chain', chainId: byId(CHAIN) };
const staging = { target: 'environment', environment: byId('staging') };
const loose = { target: 'deployment', deploymentId: byId(REGIONAL) };
const toStaging = { environment: byId('staging') };

/** In the order in which they run: later ones find what earlier ones have changed. */
const ROWS: Row[] = [
  ['model.get', { modelId: byId(MODEL) }, [{ id: MODEL, deployments_count: 4 }]],
  ['model.getMany', { limit: 3 }, 3],
  ['chain.get', { chainId: byId(CHAIN) }, [{ id: CHAIN }]],
  ['chain.getMany', { returnAll: true }, Object.keys(CHAIN_IDS).length],
  ['modelApi.getMany', { returnAll: true }, Object.keys(MODEL_API_SLUGS).length],
  ['usage.getCosts', {}, [{ gross: expect.any(Number) as number }]],
  [
    'usage.getTokens',
    { startDate: '2026-01-01T00:00:00Z', endDate: '2026-02-01T00:00:00Z', groupBy: ['model'] },
    31 * (Object.keys(MODEL_API_SLUGS).length - 1),
  ],
  ['managementApi.callRoute', { route: '/v1/users/me' }, [{ workspace_name: 'Emulator' }]],
  ['deployment.get', { ...ofModel, ...staging }, [{ id: STAGING, status: 'ACTIVE' }]],
  ['deployment.get', { ...ofChain, ...staging }, [{ id: deploymentIdFor(CHAIN, 'staging') }]],
  ['deployment.getMany', { ...ofModel, returnAll: true }, 4],
  ['deployment.getLogs', { ...ofModel, ...staging }, [{ level: 'INFO', message: 'it runs' }]],
  [
    'deployment.getMetrics',
    { ...ofModel, ...staging, metrics: ['baseten_replicas_active'] },
    [{ metric: 'baseten_replicas_active', value: 1 }],
  ],
  ['deployment.deactivate', { ...ofModel, ...staging }, [{ id: STAGING, status: 'INACTIVE' }]],
  ['deployment.activate', { ...ofModel, ...staging }, [{ id: STAGING, status: 'ACTIVE' }]],
  ['deployment.deactivate', { ...ofChain, ...staging }, [{ status: 'INACTIVE' }]],
  ['deployment.retry', { ...ofModel, ...loose }, [{ id: REGIONAL, status: 'ACTIVE' }]],
  [
    'deployment.updateAutoscaling',
    {
      ...ofModel,
      ...staging,
      autoscaling: { minReplica: 2, maxReplica: 2 },
      options: { waitUntilScaled: true },
    },
    [{ status: 'ACCEPTED', active_replica_count: 2 }],
  ],
  [
    'deployment.promote',
    { ...ofModel, ...toStaging, deploymentId: byId(DEVELOPMENT) },
    [{ current_deployment: { id: DEVELOPMENT }, previousDeploymentId: STAGING }],
  ],
  [
    'deployment.promote',
    {
      ...ofModel,
      ...toStaging,
      deploymentId: byId(STAGING),
      options: { waitUntilDone: false },
    },
    [{ candidate_deployment: { id: STAGING }, in_progress_promotion: {} }],
  ],
  ['environment.controlPromotion', { ...ofModel, ...toStaging, action: 'cancel' }, 1],
  ['environment.get', { ...ofModel, ...toStaging }, [{ name: 'staging' }]],
  ['environment.getMany', { ...ofModel, returnAll: true }, 3],
  ['environment.getMany', { ...ofChain, returnAll: true }, 3],
  [
    'environment.getMetrics',
    { ...ofModel, ...toStaging, metrics: ['baseten_replicas_active'] },
    [{ metric: 'baseten_replicas_active', value: 1 }],
  ],
];
const nameOf = (index: number) => `${index + 1} ${ROWS[index]?.[0]}`;

describe('each operation of the management API', () => {
  let run: Run;

  beforeAll(async () => {
    const { emulator } = testBed;
    emulator.logs.add(STAGING, { message: 'it runs', level: 'INFO' });
    const { deployments } = emulator.owner('model', MODEL);
    deployments.find(({ id }) => id === REGIONAL)?.enterStatus('FAILED');
    const workflow = chainOf('Management', [
      { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
      ...ROWS.map(([operation, parameters], index) => ({
        name: nameOf(index),
        type: 'n8n-nodes-baseten.baseten',
        typeVersion: 1,
        parameters: {
          resource: operation.split('.')[0],
          operation: operation.split('.')[1],
          options: {},
          ...parameters,
        },
        credentials: CREDENTIALS,
        // One item is enough for the next one, and one that fails must not hide the others.
        executeOnce: true,
        onError: 'continueRegularOutput',
      })),
    ]);
    run = await testBed.n8n.api.runAndWait(await testBed.add(workflow), 'Start');
  }, 5 * MINUTE);

  test('is in the workflow', () => {
    const resources = ['deployment', 'environment', 'usage', 'modelApi', 'managementApi'];
    const ofOwners = ['model.get', 'model.getMany', 'chain.get', 'chain.getMany'];
    const all = OPERATIONS.map((names) => names.join('.')).filter(
      (name) => ofOwners.includes(name) || resources.includes(name.split('.')[0] ?? ''),
    );
    expect([...new Set(ROWS.map(([name]) => name))].sort()).toStrictEqual(all.sort());
  });

  test.each(ROWS.map(([, , items], index) => [nameOf(index), items] as const))(
    '%s',
    (name, expected) => {
      const items = run.items(name).map(({ json }) => json);
      expect(items.map(({ error }) => error).filter(Boolean)).toStrictEqual([]);
      if (typeof expected === 'number') expect(items).toHaveLength(expected);
      else expect(items).toMatchObject(expected);
    },
  );
});

test(
  'billing events of a gateway start the workflow, an item an event, each once',
  async () => {
    const { emulator, n8n } = testBed;
    const workflow = await testBed.add(triggerWorkflow('billing', { events: ['billingUsage'] }));
    const url = `${n8n.url}/webhook/billing/webhook`;
    const statusOf = async (body: object, secrets?: string[]) =>
      (await emulator.deliver(url, body, { secrets })).status;
    expect(await statusOf(billingPayload('forged'), ['whsec_forged'])).toBe(401);
    expect(await statusOf(billingPayload('a', 'b'))).toBe(200);
    expect(await statusOf(billingPayload('b', 'c'))).toBe(200);
    expect(await statusOf(billingPayload('a', 'c'))).toBe(200);
    const runs = await n8n.api.runsOf(workflow, 'Trigger', 3);
    const items = runs.flatMap((run) => run.items('Trigger')).map(({ json }) => json);
    expect(items.map((item) => item.idempotencyKey).sort()).toStrictEqual(['a', 'b', 'c']);
    expect(items[0]).toMatchObject({ modelSlug: 'acme/chat', tokens: { inputTokens: 12 } });
    expect(await n8n.api.executions(workflow)).toHaveLength(2);
  },
  2 * MINUTE,
);

describe('an example', () => {
  const production = () => {
    const { deployments } = testBed.emulator.owner('model', MODEL_IDS.sentiment);
    return deployments.find(({ options }) => options.environment === 'production');
  };

  afterEach(() => testBed.emulator.faults.clear());

  /** Runs an example with other settings in its node "Settings". */
  async function runWith(file: string, settings: Record<string, unknown> = {}): Promise<Run> {
    const workflow = withSettings(readExample({ file }), settings);
    const id = await testBed.add(workflow);
    return await testBed.n8n.api.runAndWait(id, startingTrigger(workflow)?.name ?? '');
  }

  test(
    'that scales around a batch scales down if the batch fails, and says what failed',
    async () => {
      testBed.emulator.faults.add({
        kind: 'status',
        status: 400,
        match: { path: '/predict' },
        times: 'always',
      });
      const run = await runWith('scale-around-a-batch.json');
      expect(run.error).toMatch(/200 of 200 items failed\./);
      expect(run.items('Scale Up')).toMatchObject([{ json: { active_replica_count: 4 } }]);
      expect(production()?.capacity).toMatchObject({ minReplica: 0, maxReplica: 2 });
    },
    2 * MINUTE,
  );

  test(
    'that scales around a batch scales down if the replicas don’t come',
    async () => {
      testBed.emulator.faults.add({
        kind: 'status',
        status: 403,
        match: { path: '/environments/production', method: 'GET' },
        after: 1,
      });
      const run = await runWith('scale-around-a-batch.json');
      expect(run.error).toMatch(/The batch did not run: /);
      expect(run.timesRun('Predict')).toBe(0);
      expect(production()?.capacity).toMatchObject({ minReplica: 0, maxReplica: 2 });
    },
    2 * MINUTE,
  );

  test(
    'that promotes after an evaluation leaves production if the candidate is not good enough',
    async () => {
      const before = production()?.id;
      const run = await runWith('promote-after-evaluation.json', { rightAtLeast: 2 });
      expect(run.lastItems).toMatchObject([{ json: { outcome: 'not promoted' } }]);
      expect(production()?.id).toBe(before);
    },
    2 * MINUTE,
  );

  test(
    'that promotes after an evaluation rolls back if the metrics are bad',
    async () => {
      const before = production()?.id;
      const run = await runWith('promote-after-evaluation.json', {
        failedAtMost: -1,
        secondsBetween: 1,
      });
      const [promoted] = run.items('Promote');
      expect(promoted?.json.previousDeploymentId).toBe(before);
      expect(run.lastItems).toMatchObject([{ json: { outcome: 'rolled back' } }]);
      expect(production()?.id).toBe(before);
    },
    2 * MINUTE,
  );

  test(
    'of office hours turns the schedule off on a holiday, and up while the queue is long',
    async () => {
      const today = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin' }).format();
      const scheduleOf = async (settings: Record<string, unknown>) => {
        const [item] = (await runWith('office-hours.json', settings)).items('Set Schedule');
        const { environment } = item?.json as { environment: Environment };
        expect(environment.autoscaling_schedules.schedules).toHaveLength(1);
        return environment.autoscaling_schedules.schedules[0];
      };
      const usual = await scheduleOf({ holidays: '' });
      expect(usual).toMatchObject({ enabled: true, autoscaling_settings: { min_replica: 1 } });
      const { id } = usual as { id: string };
      expect(await scheduleOf({ holidays: `2026-01-01, ${today}` })).toMatchObject({
        id,
        enabled: false,
      });
      expect(await scheduleOf({ holidays: '', longQueue: -1 })).toMatchObject({
        id,
        enabled: true,
        autoscaling_settings: { min_replica: 3 },
      });
    },
    2 * MINUTE,
  );
});

interface Environment {
  autoscaling_schedules: { schedules: object[] };
}

/** The workflow with other values in its node "Settings". */
function withSettings(workflow: WorkflowJson, settings: Record<string, unknown>): WorkflowJson {
  const node = workflow.nodes.find(({ name }) => name === 'Settings');
  const { assignments = [] } = (node?.parameters.assignments ?? {}) as {
    assignments?: Array<{ name: string; value: unknown }>;
  };
  for (const assignment of assignments)
    if (assignment.name in settings) assignment.value = settings[assignment.name];
  return workflow;
}

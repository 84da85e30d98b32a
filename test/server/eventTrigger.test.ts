import { deploymentIdFor, MODEL_IDS } from '../../emulator';
import type { Deployment } from '../../emulator/workspace/deployment';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { chainOf, type WorkflowJson } from '../../host/n8n/workflowJson';
import { auditEvent } from '../support/auditEvent';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';

const MINUTE = 60_000;
/** How long a machine that does much else may take to poll, or to record an execution. */
const PATIENCE = 5 * MINUTE;
const MODEL = MODEL_IDS.echo;
const PRODUCTION = deploymentIdFor(MODEL, 'production');

/** How often n8n is killed, and how many changes there are. By hand: `EVENT_KILLS=20`. */
const KILLS = Number(process.env.EVENT_KILLS ?? 2);
const CHANGES = Math.ceil(KILLS * 2.5);

/** Every second: n8n takes no shorter interval than a minute, but it takes sixty of them. */
const EVERY_SECOND = {
  item: Array.from({ length: 60 }, (_, second) => ({
    mode: 'custom',
    cronExpression: `${second} * * * * *`,
  })),
};

const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const ALL_MODELS = { __rl: true, mode: 'list', value: '' };

let testBed: SimulatedTestBed;

beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
}, 10 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

function eventWorkflow(name: string, parameters: Record<string, unknown>): WorkflowJson {
  return chainOf(name, [
    {
      name: 'Trigger',
      type: 'n8n-nodes-baseten.basetenEventTrigger',
      typeVersion: 1,
      parameters: { pollTimes: EVERY_SECOND, ...parameters },
      credentials: { basetenWorkspaceApi: { id: 'baseten-demo', name: 'Baseten' } },
    },
    { name: 'Next', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
  ]);
}

/** What ended executions gave, which does not change any more. */
const known = new Map<string, Array<Record<string, unknown>>>();

/** What a workflow has been started with, once all its executions have ended. */
async function itemsOf(workflow: string): Promise<Array<Record<string, unknown>>> {
  const { api } = testBed.n8n;
  const executions = await api.executions(workflow);
  const items: Array<Record<string, unknown>> = [];
  for (const { id } of executions) {
    const run = known.has(id) ? undefined : await api.waitFor(id);
    if (run?.error) throw new Error(run.error);
    if (run)
      known.set(
        id,
        run.items('Trigger').map(({ json }) => json),
      );
    items.push(...(known.get(id) ?? []));
  }
  return items;
}

/** Waits for so many requests from now on whose path ends like this. */
async function requests(count: number, end: string): Promise<void> {
  const { emulator } = testBed;
  emulator.clearRequests();
  await eventually(
    `${count} requests of ${end}`,
    () => emulator.requests.filter(({ path }) => path.endsWith(end)).length >= count,
    PATIENCE,
  );
}

const production = (): Deployment => {
  const { deployments } = testBed.emulator.owner('model', MODEL);
  return deployments.find(({ id }) => id === PRODUCTION) as Deployment;
};

describe('each event', () => {
  afterAll(() => production().enterStatus('ACTIVE'));

  test.each([
    {
      name: 'deploymentStatus',
      parameters: { event: 'deploymentStatus', modelId: byId(MODEL) },
      route: `/models/${MODEL}/deployments`,
      happen: () => production().enterStatus('UNHEALTHY'),
      expected: { event: 'deploymentStatus', deployment: { id: PRODUCTION }, status: 'UNHEALTHY' },
    },
    {
      name: 'promotion',
      parameters: { event: 'promotion', modelId: byId(MODEL) },
      route: `/models/${MODEL}/environments`,
      happen: () => {
        const { emulator } = testBed;
        const candidate = deploymentIdFor(MODEL, 'development');
        emulator.environments.promote(emulator.owner('model', MODEL), 'staging', candidate, false);
      },
      expected: { event: 'promotion', status: 'SUCCEEDED', deployment: { environment: 'staging' } },
    },
    {
      name: 'spending',
      parameters: { event: 'spending', period: 'day', limit: 50 },
      route: '/billing/usage_summary',
      happen: () => {
        const costs = { dedicated: '60.00', modelApis: '0.10', credits: '0' };
        testBed.emulator.billing.costsOf = () => costs;
      },
      expected: { event: 'spending', limit: 50, spent: 60.1 },
    },
    {
      name: 'auditLog',
      parameters: { event: 'auditLog', eventGroups: ['PROMOTED'] },
      route: '/audit_logs',
      happen: () =>
        testBed.emulator.auditLog.add(auditEvent('MODEL_DEPLOYMENT_PROMOTED', PRODUCTION)),
      expected: { event_type: 'MODEL_DEPLOYMENT_PROMOTED' },
    },
  ])(
    '$name starts the workflow once, not at first and not again after a restart',
    async ({ name, parameters, route, happen, expected }) => {
      const workflow = await testBed.add(eventWorkflow(name, parameters));
      await requests(2, route);
      expect(await itemsOf(workflow)).toEqual([]);
      happen();
      await eventually('the event', async () => (await itemsOf(workflow)).length > 0, PATIENCE);
      expect(await itemsOf(workflow)).toMatchObject([expected]);
      await testBed.kill('SIGKILL');
      await testBed.start();
      if (name !== 'spending') await requests(2, route);
      expect(await itemsOf(workflow)).toHaveLength(1);
      // What a test in the editor shows: of promotions the first environment with a deployment.
      const run = await testBed.n8n.api.runAndWait(workflow, 'Trigger');
      const { deployment, ...rest } = expected as Record<string, unknown>;
      const shown =
        name === 'promotion' ? rest : { ...rest, ...(deployment ? { deployment } : {}) };
      expect(run.items('Trigger').map(({ json }) => json)).toMatchObject([shown]);
      await testBed.n8n.api.call('POST', `/rest/workflows/${workflow}/deactivate`);
    },
    3 * PATIENCE,
  );
});

test(
  `n8n is killed in the middle of ${KILLS} polls, and each of ${CHANGES} changes comes once`,
  async () => {
    const { emulator } = testBed;
    const workflow = await testBed.add(
      eventWorkflow('Killed', { event: 'deploymentStatus', modelId: ALL_MODELS }),
    );
    const deployments = Object.values(MODEL_IDS).flatMap(
      (id) => emulator.owner('model', id).deployments,
    );
    const made: string[] = [];
    const change = () => {
      const deployment = deployments[made.length % deployments.length] as Deployment;
      deployment.enterStatus(made.length < deployments.length ? 'UNHEALTHY' : 'FAILED');
      made.push(`${deployment.id} ${deployment.status}`);
    };
    const reported = async () =>
      (await itemsOf(workflow)).map(
        ({ deployment, status }) => `${(deployment as { id: string }).id} ${String(status)}`,
      );
    const models = Object.keys(MODEL_IDS).length;
    for (let kill = 1; kill <= KILLS; kill++) {
      await requests(1, '/management/v1/models');
      const wanted = Math.ceil((CHANGES * kill) / KILLS);
      // One change while the poll is under way, and the others before the next one.
      change();
      await requests(1 + ((kill * 7) % (models - 6)), '/deployments');
      while (made.length < wanted) change();
      await testBed.kill('SIGKILL');
      await testBed.start();
      await eventually(
        'the changes so far',
        async () => {
          const told = new Set(await reported());
          return made.every((each) => told.has(each));
        },
        PATIENCE,
      );
    }
    await requests(2, '/management/v1/models');
    expect((await reported()).sort()).toEqual([...made].sort());
    expect(made).toHaveLength(CHANGES);
  },
  (1 + KILLS) * PATIENCE,
);

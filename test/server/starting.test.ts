import { setTimeout as pause } from 'node:timers/promises';
import { MODEL_IDS } from '../../emulator';
import { FAST_WEBHOOKS, type SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { triggerWorkflow } from './deliveries/workflows';

const MINUTE = 60_000;
/** Milliseconds between two results. */
const EVERY = 100;
/** How long results come after n8n is up again, in milliseconds. */
const AFTER = 5_000;

/** What came of the results that Baseten delivered while n8n was restarted. */
interface Restart {
  /** How many results there were. */
  results: number;
  /** The statuses of n8n's responses, and how often each was given; 0 if there was none. */
  statuses: Record<number, number>;
  /** Results that Baseten takes for delivered, and that n8n has not recorded. */
  goneUnnoticed: number;
  /** Results that n8n has not recorded, as Baseten's status says. */
  gone: number;
  /** Results that n8n has recorded more than once. */
  twice: number;
  /** Recorded results that were ready to be delivered while n8n was down or starting. */
  heldAndRecorded: number;
}

/** Restarts n8n while results come. @param withProxy whether the proxy of the docs is in front */
async function restart(testBed: SimulatedTestBed): Promise<Restart> {
  const workflow = await testBed.add(triggerWorkflow('starting'));
  const webhook = `${testBed.url}/webhook/starting/webhook`;
  const submitted = new Map<string, number>();
  let on = true;
  const submitAll = async () => {
    while (on) {
      submitted.set(await submit(testBed, webhook), Date.now());
      await pause(EVERY);
    }
  };
  const submitting = submitAll();
  await eventually('some results', () => submitted.size > 20);
  const down = Date.now();
  await testBed.kill('SIGTERM');
  await testBed.start();
  const up = Date.now();
  await eventually('results after the start', () => Date.now() > up + AFTER);
  on = false;
  await submitting;

  const ids = [...submitted.keys()];
  const delivered = await eventually('an end of all deliveries', async () => {
    const states = await Promise.all(ids.map(async (id) => await webhookStatus(testBed, id)));
    return !states.includes('PENDING') && new Set(ids.filter((_, n) => states[n] === 'SUCCEEDED'));
  });
  const recorded = await recordedIds(testBed, workflow);
  const known = new Set(recorded);
  const statuses: Record<number, number> = {};
  for (const { status = 0 } of testBed.emulator.deliveries)
    statuses[status] = (statuses[status] ?? 0) + 1;
  const missing = ids.filter((id) => !known.has(id));
  const whileDown = ([, at]: [string, number]) => at > down && at < up;
  return {
    results: ids.length,
    statuses,
    goneUnnoticed: missing.filter((id) => delivered.has(id)).length,
    gone: missing.filter((id) => !delivered.has(id)).length,
    twice: recorded.length - known.size,
    heldAndRecorded: [...submitted].filter(whileDown).filter(([id]) => known.has(id)).length,
  };
}

/** Submits a request whose result is there at once. Returns its ID. */
async function submit({ emulator }: SimulatedTestBed, webhook: string): Promise<string> {
  const url = `${emulator.url}/model-${MODEL_IDS.echo}/production/async_predict`;
  const body = JSON.stringify({ model_input: {}, webhook_endpoint: webhook });
  const headers = {
    authorization: `Bearer ${emulator.apiKey}`,
    'content-type': 'application/json',
  };
  const response = await fetch(url, { method: 'POST', headers, body });
  return ((await response.json()) as { request_id: string }).request_id;
}

async function webhookStatus({ emulator }: SimulatedTestBed, id: string): Promise<string> {
  const url = `${emulator.url}/model-${MODEL_IDS.echo}/async_request/${id}`;
  const headers = { authorization: `Bearer ${emulator.apiKey}` };
  const response = await fetch(url, { headers });
  return ((await response.json()) as { webhook_status: string }).webhook_status;
}

/** The requests whose results are in the executions of a workflow, as often as they are there. */
async function recordedIds({ n8n }: SimulatedTestBed, workflow: string): Promise<string[]> {
  const underWay = ['new', 'running', 'unknown'];
  const executions = await eventually('an end of all executions', async () => {
    const all = await n8n.api.executions(workflow);
    return all.every(({ status }) => !underWay.includes(status)) && all;
  });
  const ids: string[] = [];
  for (const { id } of executions) {
    const run = await n8n.api.waitFor(id);
    ids.push(...run.items('Trigger').map(({ json }) => String(json.request_id)));
  }
  return ids;
}

describe.each([
  { what: 'behind the proxy of the docs', withProxy: true },
  { what: 'called directly', withProxy: false },
])('results while n8n restarts, $what', ({ what, withProxy }) => {
  let testBed: SimulatedTestBed;
  let found: Restart;

  beforeAll(async () => {
    testBed = await startTestBed({ host: await installedHost(), env: FAST_WEBHOOKS, withProxy });
    found = await restart(testBed);
    console.log(what, found);
  }, 20 * MINUTE);
  afterAll(async () => await testBed?.close(), MINUTE);

  // The trigger keeps what it has received in memory, and saves that once a second at most: what
  // n8n recorded just before it stopped, without a response, comes again and is not known any more.
  test('only results of the last second before the stop are recorded twice', () => {
    expect(found.twice).toBeLessThanOrEqual(1000 / EVERY);
  });

  if (withProxy) {
    test('none is answered before it can be recorded, so none is gone unnoticed', () => {
      expect(found).toMatchObject({ goneUnnoticed: 0 });
      expect(Object.keys(found.statuses)).not.toContain('404');
    });

    test('those that come while it starts are held, and recorded', () => {
      expect(found.heldAndRecorded).toBeGreaterThan(0);
    });
  } else {
    test('a starting n8n takes results and drops them, or does not know their address', () => {
      expect(found.goneUnnoticed + (found.statuses[404] ?? 0)).toBeGreaterThan(0);
    });
  }
});

import { request } from 'undici';
import { idsOf, statuses, useTriggers } from './triggers';
import { triggerWorkflow } from './workflows';

const MINUTE = 60_000;
const INCREMENTS = 40;
const RESULTS = 300;

const triggers = useTriggers();

/** A workflow with a trigger, and a webhook that counts its calls in the static data. */
function countingWorkflow() {
  const workflow = triggerWorkflow('beside');
  workflow.nodes.push(
    {
      id: 'Call',
      name: 'Call',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2.1,
      position: [0, 300],
      parameters: { path: 'count', httpMethod: 'POST', responseMode: 'lastNode' },
      webhookId: 'count',
    },
    {
      id: 'Count',
      name: 'Count',
      type: 'n8n-nodes-base.code',
      typeVersion: 2,
      position: [220, 300],
      parameters: {
        jsCode: `const kept = $getWorkflowStaticData('global');
kept.count = (kept.count ?? 0) + 1;
return [{ json: { count: kept.count } }];`,
      },
    },
  );
  workflow.connections.Call = { main: [[{ node: 'Count', type: 'main', index: 0 }]] };
  return workflow;
}

async function increment(): Promise<unknown> {
  const response = await request(`${triggers.testBed.n8n.url}/webhook/count`, { method: 'POST' });
  return ((await response.body.json()) as { count?: unknown }).count;
}

test(
  'what a workflow keeps in its static data is whole after 300 results have come beside it',
  async () => {
    const credentials = { basetenWorkspaceApi: triggers.testBed.credential.id };
    const workflow = await triggers.api.importWorkflow(countingWorkflow(), credentials);
    await triggers.api.publish(workflow);
    // From the first value on the trigger leaves the static data alone.
    const counts = [await increment()];
    const ids = idsOf('beside', RESULTS);
    const each = RESULTS / (INCREMENTS - 1);
    for (let at = 1; at < INCREMENTS; at++) {
      const part = ids.slice(Math.round((at - 1) * each), Math.round(at * each));
      const [deliveries, count] = await Promise.all([
        triggers.deliverAll(triggers.urlOf('beside'), part),
        increment(),
      ]);
      expect(statuses(deliveries)).toEqual([200]);
      counts.push(count);
    }
    expect(counts).toEqual(Array.from({ length: INCREMENTS }, (_, index) => index + 1));
    const executions = await triggers.api.executions(workflow);
    expect(executions.length).toBeGreaterThan(INCREMENTS);
  },
  5 * MINUTE,
);

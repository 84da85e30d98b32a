import type { WorkflowJson } from '../../../host/n8n/workflowJson';
import { idsOf, payload, statuses, useTriggers } from './triggers';
import { triggerWorkflow } from './workflows';

const MINUTE = 60_000;
const RESULTS = 100;
const BAD = 'bad-50';

const triggers = useTriggers();

/** A trigger, and a node behind it that fails for the result of one request. */
function workflow(webhookId: string, parameters: object, onError: string): WorkflowJson {
  const made = triggerWorkflow(webhookId, { ...parameters });
  const next = made.nodes.find(({ name }) => name === 'Next');
  Object.assign(next as object, {
    type: 'n8n-nodes-base.code',
    typeVersion: 2,
    onError,
    parameters: {
      mode: 'runOnceForEachItem',
      jsCode: `if ($json.request_id === '${BAD}') throw new Error('no use for it');\nreturn $json;`,
    },
  });
  return made;
}

/**
 * Delivers all results at once. Returns the number of executions, and of how many results the
 * workflow failed or came to its end.
 */
async function deliver(webhookId: string, parameters: object, onError = 'stopWorkflow') {
  const credentials = { basetenWorkspaceApi: triggers.testBed.credential.id };
  const id = await triggers.api.importWorkflow(
    workflow(webhookId, parameters, onError),
    credentials,
  );
  await triggers.api.publish(id);
  const url = triggers.urlOf(webhookId);
  const deliveries = await Promise.all(
    idsOf('bad', RESULTS).map(async (each) => await triggers.deliver(url, payload(each))),
  );
  // Baseten counts every one of them as delivered.
  expect(statuses(deliveries)).toEqual([200]);
  const runs = await triggers.api.runsOf(id, 'Trigger', RESULTS);
  const failed = runs.filter(({ error }) => error);
  const size = (some: typeof runs) =>
    some.reduce((sum, run) => sum + run.items('Trigger').length, 0);
  return { executions: runs.length, failed: size(failed), ended: size(runs) - size(failed) };
}

test(
  'a result that a node behind the trigger fails for takes its whole group with it, unless the node goes on or nothing is grouped',
  async () => {
    const grouped = await deliver('grouped', {});
    expect(grouped.executions).toBeLessThan(RESULTS / 2);
    expect(grouped.failed).toBeGreaterThan(1);

    const goingOn = await deliver('going-on', {}, 'continueRegularOutput');
    expect(goingOn).toMatchObject({ failed: 0, ended: RESULTS });

    const alone = await deliver('alone', { options: { groupDeliveries: false } });
    expect(alone).toStrictEqual({ executions: RESULTS, failed: 1, ended: RESULTS - 1 });
  },
  3 * MINUTE,
);

import { unflatten } from '../../host/n8n/run';
import { setTimeout as pause } from 'node:timers/promises';
import type { N8nApi } from '../../host/n8n/api';

const ENDED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 2_000;
const UNDER_WAY = ['new', 'running', 'unknown'];
const SIDE_BY_SIDE = 4;
const TRIGGER = 'Trigger';
/** Numbers of executions beyond those that the list has. */
const MORE_IDS = 200;

/** An execution as n8n gives it. */
interface Execution {
  workflowId: string;
  status: string;
  data: string;
}

/** A result in one of n8n's executions. */
export interface Recorded {
  requestId: string;
  /** What the model gave. */
  number: unknown;
  /** Its metadata, if that was verified. */
  metadata: unknown;
  /** Whether the execution ended as `success`. */
  endedWell: boolean;
}

interface Item {
  json: { request_id?: unknown; data?: { number?: unknown } | null; metadata?: unknown };
}

/** What an execution holds: what its trigger gave, or, if it was cut off, what it starts with. */
interface Data {
  resultData?: { runData?: Record<string, Array<{ data?: { main?: Array<Item[] | null> } }>> };
  executionData?: {
    nodeExecutionStack?: Array<{ node: { name: string }; data: { main?: Array<Item[] | null> } }>;
  };
}

/**
 * Every result in the executions of a workflow, as often as it is there. It waits for the end of
 * the executions, but not for those that have lost their worker.
 */
export async function recordedBy(api: N8nApi, workflowId: string): Promise<Recorded[]> {
  const deadline = Date.now() + ENDED_WITHIN_MS;
  let executions = await api.executions(workflowId);
  while (executions.some(({ status }) => UNDER_WAY.includes(status)) && Date.now() < deadline) {
    await pause(LOOK_EVERY_MS);
    executions = await api.executions(workflowId);
  }
  // By their numbers: n8n's list goes by the time of the start, and its pages leave executions out
  // or have them twice if the clock was moved.
  const last = Math.max(0, ...executions.map(({ id }) => Number(id))) + MORE_IDS;
  const ids = Array.from({ length: last }, (_, index) => index + 1);
  const recorded: Recorded[] = [];
  const read = async () => {
    for (let id = ids.pop(); id; id = ids.pop()) {
      const execution = await api
        .call<Execution>('GET', `/rest/executions/${id}`)
        .catch((error: Error) => {
          if (error.message.includes(' 404 ')) return undefined;
          throw error;
        });
      if (execution?.workflowId !== workflowId) continue;
      const endedWell = execution.status === 'success';
      for (const { json } of itemsOf(unflatten(execution.data) as Data)) {
        const { request_id: requestId, metadata } = json;
        const number = json.data?.number;
        recorded.push({ requestId: String(requestId), number, metadata, endedWell });
      }
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, read));
  return recorded;
}

function itemsOf({ resultData, executionData }: Data): Item[] {
  const given = resultData?.runData?.[TRIGGER]?.at(-1)?.data;
  const stack = executionData?.nodeExecutionStack?.find(({ node }) => node.name === TRIGGER)?.data;
  return (given ?? stack)?.main?.[0] ?? [];
}

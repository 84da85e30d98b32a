import { startEmulator, type Emulator } from '../../emulator';
import { type Queue, startQueue } from '../../host/queue/queue';
import { customEndpoints, FAST_WEBHOOKS } from '../../host/demo/stage';
import { callAll, countingModel, predictWorkflow } from '../../host/queue/predictions';
import type { Plan } from '../shared/part';
import { sendBurst } from './burst';
import type { DeliveryRound, PredictionRound, QueueResults } from './types';
import { atRest, receivingWorkflow } from './work';

const WORKERS = [1, 2, 4];
const EXECUTIONS = 40;
const ITEMS = 50;
const DELIVERIES = 300;
const PAYLOAD_BYTES = 1_000;

type Scaling = Pick<QueueResults, 'predictions' | 'deliveries'>;

/** Measures n8n in queue mode with 1, 2 and 4 workers: predictions, and deliveries through two webhook processors. */
export async function measureScaling({
  host,
  rounds,
  hasTime,
  say,
  signal,
}: Plan): Promise<Scaling> {
  const results: Scaling = { predictions: [], deliveries: [] };
  const emulator = await startEmulator();
  try {
    const queue = await startQueue({ host, webhooks: 2, workers: 1, env: FAST_WEBHOOKS, signal });
    const giveUp = () => void queue.close();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const { predict, receive } = await prepare(queue, emulator);
      for (const workers of WORKERS) {
        while (queue.members.filter(({ kind }) => kind === 'worker').length < workers)
          await queue.add('worker');
        say(`Queue mode, workers: ${workers} …`);
        // The first round warms the new workers up.
        for (let round = 0; round <= rounds && hasTime(); round++) {
          const predictions = { workers, ...(await predict()) };
          const deliveries = { workers, ...(await receive()) };
          if (round === 0) continue;
          results.predictions.push(predictions);
          results.deliveries.push(deliveries);
        }
      }
    } finally {
      signal.removeEventListener('abort', giveUp);
      await queue.close();
    }
  } finally {
    await emulator.close();
  }
  return results;
}

/** Publishes the workflows; returns what measures one round of each kind. */
async function prepare({ main: { api }, sql, balancer }: Queue, emulator: Emulator) {
  const data = customEndpoints(emulator);
  const basetenApi = await api.createCredential({ name: 'Baseten', type: 'basetenApi', data });
  const seen = countingModel(emulator, 'count001');
  const publish = async (workflow: Parameters<typeof api.importWorkflow>[0]) => {
    const id = await api.importWorkflow(workflow, { basetenApi });
    await api.publish(id);
    return async () => {
      const { rows } = await sql.query(
        'SELECT status FROM execution_entity WHERE "workflowId" = $1',
        [id],
      );
      return rows.map(({ status }) => String(status));
    };
  };
  const predicting = await publish(predictWorkflow('predict', 'count001'));
  const receiving = await publish(receivingWorkflow('receive'));
  let started = 0;
  let received = 0;
  return {
    async predict(): Promise<Omit<PredictionRound, 'workers'>> {
      seen.clear();
      const start = Date.now();
      await callAll(balancer.url, 'predict', EXECUTIONS, ITEMS);
      started = await atRest(predicting, started + EXECUTIONS);
      const seconds = (Date.now() - start) / 1_000;
      const twice = [...seen.values()].filter((count) => count > 1).length;
      return {
        executions: EXECUTIONS,
        items: ITEMS,
        seconds,
        lost: EXECUTIONS * ITEMS - seen.size,
        twice,
      };
    },
    async receive(): Promise<Omit<DeliveryRound, 'workers'>> {
      const [secret = ''] = emulator.webhookSecrets;
      const start = Date.now();
      const answers = await sendBurst(
        `${balancer.url}/webhook/receive/webhook`,
        secret,
        DELIVERIES,
        PAYLOAD_BYTES,
      );
      received = await atRest(receiving, received + 1);
      return { ...answers, seconds: (Date.now() - start) / 1_000 };
    },
  };
}

import { startEmulator, type Emulator } from '../../emulator';
import { emulatorCredential, FAST_WEBHOOKS } from '../../host/n8n/testBed';
import { callAll, countingModel, predictWorkflow } from '../../host/queue/predictions';
import { type Queue, startQueue } from '../../host/queue/queue';
import { type Benchmark, type Plan, setup } from '../shared/benchmark';
import { atRest, closedAfter, deliver, DELIVERIES, measureBursts, triggerWorkflow } from './bursts';
import {
  type DeliveryRound,
  type PredictionRound,
  type QueueResults,
  queueSection,
} from './section';

const WORKERS = [1, 2, 4];
const EXECUTIONS = 40;
const ITEMS = 50;
const PAYLOAD_BYTES = 1_000;

type Scaling = Pick<QueueResults, 'predictions' | 'deliveries'>;

/** Queue mode with more and more workers, and bursts to one process and to several. */
export const queue: Benchmark<QueueResults> = {
  name: 'queue',
  section: queueSection,
  async measure(plan) {
    const scaling = await measureScaling(plan);
    return { ...setup(), n8n: plan.host.version, ...scaling, bursts: await measureBursts(plan) };
  },
};

/** Predictions, and deliveries through two webhook processors, with 1, 2 and 4 workers. */
async function measureScaling({ host, rounds, hasTime, say, signal }: Plan): Promise<Scaling> {
  const results: Scaling = { predictions: [], deliveries: [] };
  const emulator = await startEmulator();
  try {
    const n8n = await startQueue({ host, webhooks: 2, workers: 1, env: FAST_WEBHOOKS, signal });
    await closedAfter(n8n, signal, async () => {
      const { predict, receive } = await prepare(n8n, emulator);
      for (const workers of WORKERS) {
        while (n8n.members.filter(({ kind }) => kind === 'worker').length < workers)
          await n8n.add('worker');
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
    });
  } finally {
    await emulator.close();
  }
  return results;
}

/** Publishes the workflows. Returns what measures one round of each kind. */
async function prepare({ main: { api }, sql, proxy }: Queue, emulator: Emulator) {
  const data = emulatorCredential(emulator);
  const basetenWorkspaceApi = await api.createCredential({
    name: 'Baseten',
    type: 'basetenWorkspaceApi',
    data,
  });
  const seen = countingModel(emulator, 'count001');
  const publish = async (workflow: Parameters<typeof api.importWorkflow>[0]) => {
    const id = await api.importWorkflow(workflow, { basetenWorkspaceApi });
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
  const receiving = await publish(triggerWorkflow());
  let started = 0;
  let received = 0;
  return {
    async predict(): Promise<Omit<PredictionRound, 'workers'>> {
      seen.clear();
      const start = Date.now();
      await callAll(proxy.url, 'predict', EXECUTIONS, ITEMS);
      started = await atRest(predicting, started + EXECUTIONS);
      return {
        executions: EXECUTIONS,
        items: ITEMS,
        seconds: (Date.now() - start) / 1_000,
        lost: EXECUTIONS * ITEMS - seen.size,
        twice: [...seen.values()].filter((count) => count > 1).length,
      };
    },
    async receive(): Promise<Omit<DeliveryRound, 'workers'>> {
      const [secret = ''] = emulator.webhookSecrets;
      const { url } = proxy;
      const start = Date.now();
      const delivered = await deliver({
        url,
        secret,
        deliveries: DELIVERIES,
        bytes: PAYLOAD_BYTES,
      });
      received = await atRest(receiving, received + 1);
      return { ...delivered, seconds: (Date.now() - start) / 1_000 };
    },
  };
}

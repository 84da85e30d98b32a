import { randomBytes } from 'node:crypto';
import type { Host } from '../../host/install/install';
import { startN8n } from '../../host/n8n/n8n';
import type { N8nApi } from '../../host/n8n/api';
import { createDatabase } from '../../host/queue/postgres';
import { startQueue } from '../../host/queue/queue';
import { FAST_WEBHOOKS } from '../../host/demo/stage';
import type { Plan } from '../shared/part';
import { sendBurst } from './burst';
import type { BurstRound } from './types';
import { atRest, receivingWorkflow } from './work';

const DELIVERIES = 300;
const WARM_UP = 10;
/** Bytes of data in each result. */
const SIZES = [1_000, 100_000, 1_000_000];

/** An n8n to send bursts to. */
interface Receiving {
  api: N8nApi;
  /** What webhook URLs begin with. */
  url: string;
  close(): Promise<void>;
}

const SETTINGS: Array<{ name: string; open(host: Host, signal: AbortSignal): Promise<Receiving> }> =
  [
    {
      name: 'one process, SQLite',
      async open(host, signal) {
        const n8n = await startN8n({ host, env: FAST_WEBHOOKS, signal });
        return { api: n8n.api, url: n8n.url, close: n8n.stop };
      },
    },
    {
      name: 'one process, PostgreSQL',
      async open(host, signal) {
        const database = await createDatabase();
        try {
          const n8n = await startN8n({ host, env: { ...FAST_WEBHOOKS, ...database.env }, signal });
          const close = async () => {
            await n8n.stop();
            await database.drop();
          };
          return { api: n8n.api, url: n8n.url, close };
        } catch (error) {
          await database.drop();
          throw error;
        }
      },
    },
    {
      name: 'queue mode, 2 webhook processors',
      async open(host, signal) {
        const queue = await startQueue({
          host,
          webhooks: 2,
          workers: 1,
          env: FAST_WEBHOOKS,
          signal,
        });
        return { api: queue.main.api, url: queue.balancer.url, close: () => queue.close() };
      },
    },
  ];

/** Measures how bursts of small and large results are answered, by one process and in queue mode. */
export async function measureBursts({
  host,
  rounds,
  hasTime,
  say,
  signal,
}: Plan): Promise<BurstRound[]> {
  const results: BurstRound[] = [];
  for (const { name, open } of SETTINGS) {
    if (!hasTime()) break;
    say(`Bursts, ${name} …`);
    const receiving = await open(host, signal);
    const giveUp = () => void receiving.close();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const burst = await prepare(receiving);
      await burst(WARM_UP, SIZES[0] as number);
      for (let round = 0; round < rounds && hasTime(); round++) {
        for (const bytes of SIZES)
          results.push({ setting: name, bytes, ...(await burst(DELIVERIES, bytes)) });
      }
    } finally {
      signal.removeEventListener('abort', giveUp);
      await receiving.close();
    }
  }
  return results;
}

/** Publishes a trigger; returns what sends it so many deliveries of so many bytes and waits until all have run. */
async function prepare({ api, url }: Receiving) {
  const webhookSecret = `whsec_${randomBytes(24).toString('base64url')}`;
  const data = { apiKey: 'unused', webhookSecret, endpoints: 'baseten' };
  const basetenApi = await api.createCredential({ name: 'Baseten', type: 'basetenApi', data });
  const id = await api.importWorkflow(receivingWorkflow('receive'), { basetenApi });
  await api.publish(id);
  const statuses = async () => (await api.executions(id)).map(({ status }) => status);
  let before = 0;
  return async (deliveries: number, bytes: number) => {
    const answers = await sendBurst(
      `${url}/webhook/receive/webhook`,
      webhookSecret,
      deliveries,
      bytes,
    );
    const after = await atRest(statuses, before + 1);
    const executions = after - before;
    before = after;
    return { ...answers, executions };
  };
}

import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../../host/install/types';
import type { N8nApi } from '../../host/n8n/api';
import { startN8n } from '../../host/n8n/n8n';
import { FAST_WEBHOOKS } from '../../host/n8n/testBed';
import { createDatabase } from '../../host/queue/postgres';
import { startQueue } from '../../host/queue/queue';
import { isRunning } from '../deliveries/executions';
import { receivingWorkflow, triggerNode } from '../deliveries/receivers';
import type { Plan } from '../shared/benchmark';
import { burstFigures, sendBurst } from '../shared/burst';
import type { BurstRound, Delivered } from './section';

/** Deliveries of a burst. */
export const DELIVERIES = 300;
const WARM_UP = 10;
/** Bytes of data in each result. */
const SIZES = [1_000, 100_000, 1_000_000];
const POLL_MS = 100;
const AT_REST_WITHIN_MS = 180_000;
const WEBHOOK_ID = 'receive';

/** An n8n to send bursts to. */
interface Receiving {
  api: N8nApi;
  /** What webhook URLs begin with. */
  url: string;
  close(): Promise<void>;
}

/** A kind of n8n, and how to start it. */
interface Setting {
  name: string;
  open(host: Host, signal: AbortSignal): Promise<Receiving>;
}

const SETTINGS: Setting[] = [
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
      return { api: queue.main.api, url: queue.proxy.url, close: () => queue.close() };
    },
  },
];

/** Measures how one process and queue mode take bursts of small and large results. */
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
    await closedAfter(receiving, signal, async () => {
      const burst = await prepare(receiving);
      await burst(WARM_UP, SIZES[0] as number);
      for (let round = 0; round < rounds && hasTime(); round++) {
        for (const bytes of SIZES)
          results.push({ setting: name, bytes, ...(await burst(DELIVERIES, bytes)) });
      }
    });
  }
  return results;
}

/** Publishes a trigger. Returns what sends it a burst and waits until all executions have ended. */
async function prepare({ api, url }: Receiving) {
  const secret = `whsec_${randomBytes(24).toString('base64url')}`;
  const data = { apiKey: 'unused', webhookSecret: secret, endpoints: 'baseten' };
  const basetenWorkspaceApi = await api.createCredential({
    name: 'Baseten',
    type: 'basetenWorkspaceApi',
    data,
  });
  const id = await api.importWorkflow(triggerWorkflow(), { basetenWorkspaceApi });
  await api.publish(id);
  const statuses = async () => (await api.executions(id)).map(({ status }) => status);
  let before = 0;
  return async (deliveries: number, bytes: number) => {
    const delivered = await deliver({ url, secret, deliveries, bytes });
    const after = await atRest(statuses, before + 1);
    const executions = after - before;
    before = after;
    return { ...delivered, executions };
  };
}

/** Returns a workflow that begins with a Baseten Trigger, to which `deliver` sends. */
export const triggerWorkflow = () => receivingWorkflow('Receive', triggerNode(WEBHOOK_ID));

/** Results to send at the same moment. */
export interface Delivering {
  /** What webhook URLs begin with. */
  url: string;
  /** The webhook secret. */
  secret: string;
  deliveries: number;
  /** Bytes of data in each result. */
  bytes: number;
}

/** Sends a burst to the workflow of `triggerWorkflow`. */
export async function deliver(options: Delivering): Promise<Delivered> {
  const { url, secret, deliveries, bytes } = options;
  const sent = await sendBurst({
    url: `${url}/webhook/${WEBHOOK_ID}/webhook`,
    secret,
    requestIds: Array.from({ length: deliveries }, () => randomUUID().replaceAll('-', '')),
    data: { output: 'x'.repeat(bytes) },
  });
  return { deliveries, ...burstFigures(sent) };
}

/**
 * Waits until a workflow has `atLeast` executions and none of them runs. Returns how many it has.
 * @param statuses the status of each of its executions
 * @throws {Error} if that takes over three minutes
 */
export async function atRest(statuses: () => Promise<string[]>, atLeast: number): Promise<number> {
  const deadline = Date.now() + AT_REST_WITHIN_MS;
  for (;;) {
    const all = await statuses();
    if (all.length >= atLeast && !all.some(isRunning)) return all.length;
    if (Date.now() > deadline)
      throw new Error(
        `${all.length} executions are not at rest after ${AT_REST_WITHIN_MS / 1_000} s.`,
      );
    await pause(POLL_MS);
  }
}

/** Closes something after `use`, or as soon as the signal aborts. */
export async function closedAfter(
  open: { close(): Promise<void> },
  signal: AbortSignal,
  use: () => Promise<void>,
): Promise<void> {
  const giveUp = () => void open.close();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await use();
  } finally {
    signal.removeEventListener('abort', giveUp);
    await open.close();
  }
}

import { readFileSync } from 'node:fs';
import { PerformanceClient } from '@basetenlabs/performance-client';
import { Pool } from 'undici';
import { MODEL_IDS } from '../../emulator';
import { API_KEY } from '../../host/emulator/emulatorProcess';
import { predictUrl } from './nodes';
import type { Job, WayId } from './types';
import { IN_FLIGHT, itemsOf } from './ways';

type Send = (url: string, body: string) => Promise<unknown>;

const HEADERS = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
const pools = new Map<string, Pool>();

/** Predictions by programs without n8n. Gives the milliseconds they took. */
export function byClient(way: WayId): (job: Job) => Promise<number> {
  if (way === 'performanceClient') return byPerformanceClient;
  const send = way === 'undici' ? byUndici : byFetch;
  return async (job) => {
    const bodies = itemsOf(job).map((item) => JSON.stringify(item));
    const url = predictUrl(job.url);
    const start = performance.now();
    await sideBySide(bodies, (body) => send(url, body));
    return performance.now() - start;
  };
}

const byUndici: Send = async (url, body) => {
  const { origin, pathname: path } = new URL(url);
  const pool =
    pools.get(origin) ??
    new Pool(origin, { connections: IN_FLIGHT, connect: { ca: certificate() } });
  pools.set(origin, pool);
  const answer = await pool.request({ path, method: 'POST', headers: HEADERS, body });
  if (answer.statusCode !== 200) throw new Error(`The emulator answered ${answer.statusCode}.`);
  return await answer.body.json();
};

const byFetch: Send = async (url, body) => {
  const answer = await fetch(url, { method: 'POST', headers: HEADERS, body });
  if (answer.status !== 200) throw new Error(`The emulator answered ${answer.status}.`);
  return await answer.json();
};

/** It trusts no certificates but its own list, so it speaks HTTP/2 without TLS here. */
async function byPerformanceClient(job: Job): Promise<number> {
  const payloads = itemsOf(job);
  const client = new PerformanceClient(`${job.clearUrl}/model-${MODEL_IDS.echo}`, API_KEY);
  const start = performance.now();
  const { data } = (await client.batchPost('/production/predict', payloads, IN_FLIGHT)) as {
    data: unknown[];
  };
  const ms = performance.now() - start;
  if (data.length !== payloads.length) throw new Error(`${data.length} answers came back.`);
  return ms;
}

async function sideBySide<T>(work: T[], act: (one: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const goOn = async () => {
    for (let one = work[next++]; one !== undefined; one = work[next++]) await act(one);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, goOn));
}

const certificate = () => readFileSync(process.env.NODE_EXTRA_CA_CERTS as string);

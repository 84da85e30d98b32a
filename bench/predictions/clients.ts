import { readFileSync } from 'node:fs';
import { PerformanceClient } from '@basetenlabs/performance-client';
import { Pool } from 'undici';
import { MODEL_IDS } from '../../emulator';
import { API_KEY } from '../../host/emulator/emulatorProcess';
import { IN_FLIGHT, itemsOf } from './callers';
import { predictUrl } from './nodes';
import type { Job } from './types';

type Send = (url: string, body: string) => Promise<unknown>;

const HEADERS = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
const pools = new Map<string, Pool>();

/** Makes predictions by a program without n8n. Returns the milliseconds that they took. */
export async function predictByClient(job: Job): Promise<number> {
  if (job.caller === 'performanceClient') return await byPerformanceClient(job);
  const send = job.caller === 'undici' ? byUndici : byFetch;
  const bodies = itemsOf(job).map((item) => JSON.stringify(item));
  const url = predictUrl(job.url);
  const start = performance.now();
  await sideBySide(bodies, (body) => send(url, body));
  return performance.now() - start;
}

const byUndici: Send = async (url, body) => {
  const { origin, pathname: path } = new URL(url);
  const pool =
    pools.get(origin) ??
    new Pool(origin, { connections: IN_FLIGHT, connect: { ca: certificate() } });
  pools.set(origin, pool);
  const response = await pool.request({ path, method: 'POST', headers: HEADERS, body });
  checkStatus(response.statusCode);
  return await response.body.json();
};

const byFetch: Send = async (url, body) => {
  const response = await fetch(url, { method: 'POST', headers: HEADERS, body });
  checkStatus(response.status);
  return await response.json();
};

/** It trusts only the certificates of its own list, so it speaks HTTP/2 without TLS here. */
async function byPerformanceClient(job: Job): Promise<number> {
  const payloads = itemsOf(job);
  const client = new PerformanceClient(`${job.clearUrl}/model-${MODEL_IDS.echo}`, API_KEY);
  const start = performance.now();
  const { data } = (await client.batchPost('/production/predict', payloads, IN_FLIGHT)) as {
    data: unknown[];
  };
  const ms = performance.now() - start;
  if (data.length !== payloads.length) throw new Error(`${data.length} responses came back.`);
  return ms;
}

function checkStatus(status: number): void {
  if (status !== 200) throw new Error(`The emulator returned status ${status}.`);
}

async function sideBySide<T>(work: T[], act: (one: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const goOn = async () => {
    for (let one = work[next++]; one !== undefined; one = work[next++]) await act(one);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, goOn));
}

const certificate = () => readFileSync(process.env.NODE_EXTRA_CA_CERTS as string);

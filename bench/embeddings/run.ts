import '../test/engine/environment.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PerformanceClient } from '@basetenlabs/performance-client';
import { MODEL_IDS } from '../emulator';
import { freePort } from '../host/ports';
import { runBaseten } from '../test/engine/engine';
import { type EmbeddingRow, median } from './embeddingsReport';
import { machine } from './machine';

const TEXTS = Array.from({ length: 1000 }, (_, n) => `Text number ${n} about a lighthouse and its keeper.`);
const ROUNDS = 5;
const IN_FLIGHT = 8;
const OUT = join(__dirname, 'results', 'embeddings.json');

/** Measures embedding many texts: packed, one request a text, and by Baseten's own client. Ends by itself. */
async function main(): Promise<void> {
  const port = await freePort();
  const emulator = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../emulator/main.ts'), '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(emulator.stdout, 'data');
    const url = `http://127.0.0.1:${port}`;
    const ways: Record<string, () => Promise<void>> = {
      'this node, packed': () => embed(url, 64),
      'this node, one request a text': () => embed(url, 1),
      "Baseten's performance client, packed": () => embedByClient(url, 64),
    };
    const rows: EmbeddingRow[] = Object.keys(ways).map((name) => ({ name, requests: 0, ms: [] }));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const row of rows) {
        await fetch(`${url}/__emulator/requests`, { method: 'DELETE' });
        const start = performance.now();
        await ways[row.name]?.();
        // The first round only warms up.
        if (round > 0) row.ms.push(performance.now() - start);
        const { requests } = (await (await fetch(`${url}/__emulator/requests`)).json()) as { requests: unknown[] };
        row.requests = requests.length;
      }
    }
    for (const { name, requests, ms } of rows) console.log(`${name}: ${requests} requests, ${Math.round(median(ms))} ms`);
    await mkdir(dirname(OUT), { recursive: true });
    const results = { date: new Date().toISOString(), machine: machine(), texts: TEXTS.length, rows };
    await writeFile(OUT, `${JSON.stringify(results, null, 2)}\n`);
  } finally {
    emulator.kill('SIGTERM');
  }
}

async function embed(url: string, batchSize: number): Promise<void> {
  const { items, error } = await runBaseten({
    credential: { apiKey: 'emulator-key', endpoints: 'custom', deploymentUrl: `${url}/{kind}-{id}` },
    items: TEXTS.map((text) => ({ json: { text } })),
    parameters: {
      resource: 'embedding',
      operation: 'create',
      source: 'deployment',
      modelId: { __rl: true, mode: 'id', value: MODEL_IDS.embedder },
      text: '={{ $json.text }}',
      options: { batchSize, maxConcurrency: IN_FLIGHT },
    },
  });
  if (error || items.length !== TEXTS.length) throw error ?? new Error(`${items.length} items came back`);
}

async function embedByClient(url: string, batchSize: number): Promise<void> {
  const base = `${url}/model-${MODEL_IDS.embedder}/environments/production/sync`;
  const client = new PerformanceClient(base, 'emulator-key');
  const answer = await client.embed(TEXTS, 'baseten', undefined, undefined, undefined, IN_FLIGHT, batchSize);
  if (answer.data.length !== TEXTS.length) throw new Error(`${answer.data.length} vectors came back`);
}

void main();

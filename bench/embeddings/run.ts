import '../../host/n8n/engineEnvironment.js';
import { PerformanceClient } from '@basetenlabs/performance-client';
import { MODEL_IDS } from '../../emulator';
import { API_KEY, startEmulatorProcess } from '../../host/emulator/emulatorProcess';
import { setup } from '../shared/machine';
import type { Part } from '../shared/part';
import { interleaved } from '../shared/rounds';
import { type EmbeddingResults, embeddingsSection } from './section';

const TEXTS = Array.from(
  { length: 1000 },
  (_, n) => `Text number ${n} about a lighthouse and its keeper.`,
);
const IN_FLIGHT = 8;

/** Embedding many texts: packed, one request a text, and by Baseten's own client. */
export const embeddings: Part<EmbeddingResults> = {
  name: 'embeddings',
  section: embeddingsSection,
  async measure({ rounds, hasTime, say }) {
    say(`Embedding ${TEXTS.length} texts …`);
    const emulator = await startEmulatorProcess();
    const { url } = emulator;
    const ways = [
      { name: 'this node, packed', embed: () => byNode(url, 64) },
      { name: 'this node, one request a text', embed: () => byNode(url, 1) },
      { name: "Baseten's performance client, packed", embed: () => byClient(url, 64) },
    ].map((way) => ({ ...way, row: { name: way.name, requests: 0, ms: [] as number[] } }));
    try {
      await interleaved(
        ways,
        rounds,
        hasTime,
        async ({ embed }) => {
          await emulator.reset();
          const start = performance.now();
          await embed();
          return { ms: performance.now() - start, requests: (await emulator.counters()).requests };
        },
        ({ row }, { ms, requests }) => {
          row.ms.push(ms);
          row.requests = requests;
        },
      );
    } finally {
      await emulator.stop();
    }
    return {
      ...setup(),
      texts: TEXTS.length,
      inFlight: IN_FLIGHT,
      rows: ways.map(({ row }) => row),
    };
  },
};

async function byNode(url: string, batchSize: number): Promise<void> {
  // Loaded here: other parts of the benchmark need no engine.
  const { runBaseten } = await import('../../host/n8n/engine');
  const { items, error } = await runBaseten({
    credential: { apiKey: API_KEY, endpoints: 'custom', deploymentUrl: `${url}/{kind}-{id}` },
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
  if (error || items.length !== TEXTS.length)
    throw error ?? new Error(`${items.length} items came back`);
}

async function byClient(url: string, batchSize: number): Promise<void> {
  const base = `${url}/model-${MODEL_IDS.embedder}/environments/production/sync`;
  const client = new PerformanceClient(base, API_KEY);
  const answer = await client.embed(
    TEXTS,
    'baseten',
    undefined,
    undefined,
    undefined,
    IN_FLIGHT,
    batchSize,
  );
  if (answer.data.length !== TEXTS.length)
    throw new Error(`${answer.data.length} vectors came back`);
}

import '../../host/n8n/engineEnvironment.js';
import { PerformanceClient } from '@basetenlabs/performance-client';
import { MODEL_IDS } from '../../emulator';
import { API_KEY, startEmulatorProcess } from '../../host/emulator/emulatorProcess';
import { credentialFields } from '../predictions/nodes';
import { type Benchmark, interleaved, setup } from '../shared/benchmark';
import { type EmbeddingResults, embeddingsSection } from './section';

const TEXTS = Array.from(
  { length: 1000 },
  (_, n) => `Text number ${n} about a lighthouse and its keeper.`,
);
const IN_FLIGHT = 8;

/** Embedding many texts: packed, one request a text, and by Baseten's own client. */
export const embeddings: Benchmark<EmbeddingResults> = {
  name: 'embeddings',
  section: embeddingsSection,
  async measure({ rounds, hasTime, say }) {
    say(`Embedding ${TEXTS.length} texts …`);
    const emulator = await startEmulatorProcess();
    const { url } = emulator;
    const contenders = [
      { name: 'this node, packed', embed: () => byNode(url, 64) },
      { name: 'this node, one request a text', embed: () => byNode(url, 1) },
      { name: "Baseten's performance client, packed", embed: () => byClient(url, 64) },
    ].map(({ name, embed }) => ({ embed, row: { name, requests: 0, ms: [] as number[] } }));
    try {
      await interleaved({
        contenders,
        rounds,
        hasTime,
        run: async ({ embed }) => {
          await emulator.reset();
          const start = performance.now();
          await embed();
          return { ms: performance.now() - start, requests: (await emulator.counters()).requests };
        },
        onResult: ({ row }, { ms, requests }) => {
          row.ms.push(ms);
          row.requests = requests;
        },
      });
    } finally {
      await emulator.stop();
    }
    const rows = contenders.map(({ row }) => row);
    return { ...setup(), texts: TEXTS.length, inFlight: IN_FLIGHT, rows };
  },
};

async function byNode(url: string, batchSize: number): Promise<void> {
  // Loaded here: the other benchmarks do not need the engine in this process.
  const { runBaseten } = await import('../../host/n8n/engine');
  const { items, error } = await runBaseten({
    credential: credentialFields(url),
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
    throw error ?? new Error(`${items.length} items came back.`);
}

async function byClient(url: string, batchSize: number): Promise<void> {
  const base = `${url}/model-${MODEL_IDS.embedder}/environments/production/sync`;
  const client = new PerformanceClient(base, API_KEY);
  const [encoding, dimensions, user] = [undefined, undefined, undefined];
  const { data } = await client.embed(
    TEXTS,
    'baseten',
    encoding,
    dimensions,
    user,
    IN_FLIGHT,
    batchSize,
  );
  if (data.length !== TEXTS.length) throw new Error(`${data.length} vectors came back.`);
}

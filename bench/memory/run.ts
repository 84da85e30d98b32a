import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startN8n } from '../../host/n8n/n8n';
import type { Run } from '../../host/n8n/run';
import { publishCalled } from '../../host/n8n/webhookRun';
import { temporaryFolder } from '../../host/temporaryFolder';
import { type Network, openNetwork } from '../predictions/network';
import { credentialFields } from '../predictions/nodes';
import { type Benchmark, type Plan, setup } from '../shared/benchmark';
import { ForkedTask } from '../../host/forkedTask';
import type { HeapJob } from './heap';
import { BYTES, ITEMS, nodesOf } from './loads';
import {
  type Heap,
  type HeapRound,
  type Load,
  type MemoryCaller,
  type MemoryResults,
  type MemoryRound,
  memorySection,
} from './section';

/** The loads of each caller. Many items also go through without a call, to compare with. */
const LOADS: Record<MemoryCaller, Load[]> = {
  node: ['answer', 'upload', 'items'],
  httpRequest: ['answer', 'upload', 'items'],
  nothing: ['items'],
};

/** How much memory large responses, large uploads and many items take. */
export const memory: Benchmark<MemoryResults> = {
  name: 'memory',
  section: memorySection,
  async measure(plan) {
    const network = await openNetwork([]);
    try {
      plan.say(`Memory, ${ITEMS} items in n8n-core's engine …`);
      const results: MemoryResults = {
        ...setup(),
        n8n: plan.host.version,
        bytes: BYTES,
        items: ITEMS,
        rounds: [],
        heap: await measureInEngine(plan, network),
      };
      // Each in an n8n of its own: room that one has left behind must not be used by another one.
      for (const caller of ['node', 'httpRequest', 'nothing'] as const)
        results.rounds.push(...(await measureInN8n(plan, network, caller)));
      return results;
    } finally {
      await network.close();
    }
  },
};

/** The heap of n8n-core's engine after many items, with our node and with one without calls. */
async function measureInEngine({ rounds }: Plan, network: Network): Promise<HeapRound[]> {
  const measured: HeapRound[] = [];
  for (const caller of ['node', 'nothing'] as const) {
    const task = new ForkedTask<HeapJob, Heap>(join(__dirname, 'heap.ts'), 'measureHeap', {
      nodeOptions: ['--expose-gc'],
      env: { NODE_EXTRA_CA_CERTS: network.certFile },
    });
    try {
      // One extra round comes first, as a warm-up.
      for (let round = 0; round <= rounds; round++) {
        const { result } = await task.run({ caller, url: network.withTls.url });
        if (round > 0) measured.push({ caller, ...result });
      }
    } finally {
      await task.close();
    }
  }
  return measured;
}

async function measureInN8n(
  { host, signal, rounds, hasTime, say }: Plan,
  network: Network,
  caller: MemoryCaller,
): Promise<MemoryRound[]> {
  const measured: MemoryRound[] = [];
  const files = await temporaryFolder('bench');
  const env = {
    N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
    N8N_BINARY_DATA_STORAGE_PATH: files.path,
    NODE_EXTRA_CA_CERTS: network.certFile,
  };
  const n8n = await startN8n({ host, env, signal });
  try {
    const { url } = network.withTls;
    const data = credentialFields(url);
    const credential = await n8n.api.createCredential({
      name: 'Baseten',
      type: 'basetenWorkspaceApi',
      data,
    });
    for (const load of LOADS[caller]) {
      say(`Memory, ${load} by ${caller} …`);
      const nodes = nodesOf(load, caller, url);
      const workflow = await publishCalled(n8n, `${caller} ${load}`, nodes, credential);
      // There is no warm-up round: what the first run makes n8n keep is part of the cost.
      for (let round = 0; round < rounds && hasTime(); round++) {
        signal.throwIfAborted();
        const { run, growth } = await workflow.run();
        checkComplete(run, load);
        await removeFiles(files.path);
        measured.push({ load, caller, growth, ms: run.ms });
      }
    }
    return measured;
  } finally {
    await n8n.stop();
    await files.remove();
  }
}

/** Throws if something did not arrive. */
function checkComplete(run: Run, load: Load): void {
  const [first, ...others] = run.lastItems;
  const isComplete = {
    answer: () => first?.binary !== undefined,
    upload: () => first?.json.bytes === BYTES,
    items: () => others.length + 1 === ITEMS,
  };
  if (!isComplete[load]())
    throw new Error(`Not all of the ${load} arrived: ${JSON.stringify(first?.json)}`);
}

/** What executions store would soon fill the disk. */
async function removeFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    await rm(join(folder, name), { recursive: true, force: true });
}

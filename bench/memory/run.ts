import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startN8n } from '../../host/n8n/n8n';
import type { Run } from '../../host/n8n/run';
import { credentialFields } from '../predictions/nodes';
import { type Network, openNetwork } from '../predictions/network';
import { setup } from '../shared/machine';
import type { Part, Plan } from '../shared/part';
import { publishCalled } from '../../host/n8n/webhookRun';
import { measureHeap } from './heapProcess';
import { BYTES, ITEMS, nodesOf } from './loads';
import { memorySection } from './section';
import type { Caller, Load, MemoryResults } from './types';

/** What each is given to carry; many items also go through without a call, for comparison. */
const LOADS: Record<Caller, Load[]> = {
  node: ['answer', 'upload', 'items'],
  httpRequest: ['answer', 'upload', 'items'],
  nothing: ['items'],
};

/** How much memory large answers, large uploads and many items take. */
export const memory: Part<MemoryResults> = {
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
        heap: await measureHeap(network.certFile, network.withTls.url, plan.rounds),
      };
      // Each in an n8n of its own: what one leaves behind must not pass for room that another one needs.
      for (const caller of ['node', 'httpRequest', 'nothing'] as const)
        await inN8n(plan, network, caller, results);
      return results;
    } finally {
      await network.close();
    }
  },
};

async function inN8n(
  plan: Plan,
  network: Network,
  caller: Caller,
  results: MemoryResults,
): Promise<void> {
  const { host, signal, rounds, hasTime, say } = plan;
  const files = await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-bench-'));
  const env = {
    N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
    N8N_BINARY_DATA_STORAGE_PATH: files,
    NODE_EXTRA_CA_CERTS: network.certFile,
  };
  const n8n = await startN8n({ host, env, signal });
  try {
    const { url } = network.withTls;
    const data = credentialFields(url, 'auto');
    const credential = await n8n.api.createCredential({
      name: 'Baseten',
      type: 'basetenApi',
      data,
    });
    for (const load of LOADS[caller]) {
      say(`Memory, ${load} by ${caller} …`);
      const workflow = await publishCalled(
        n8n,
        `${caller} ${load}`,
        nodesOf(load, caller, url),
        credential,
      );
      // The first one counts too: what it makes n8n keep, it needs.
      for (let round = 0; round < rounds && hasTime(); round++) {
        signal.throwIfAborted();
        const { run, growth } = await workflow.run();
        check(run, load);
        await removeFiles(files);
        results.rounds.push({ load, caller, growth, ms: run.ms });
      }
    }
  } finally {
    await n8n.stop();
    await rm(files, { recursive: true, force: true });
  }
}

/** Throws where not all arrived. */
function check(run: Run, load: Load): void {
  const [first, ...others] = run.lastItems;
  const whole = {
    answer: () => first?.binary !== undefined,
    upload: () => first?.json.bytes === BYTES,
    items: () => others.length + 1 === ITEMS,
  };
  if (!whole[load]())
    throw new Error(`Of the ${load} not all arrived: ${JSON.stringify(first?.json)}`);
}

/** What an execution stored would soon fill the disk. */
async function removeFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    await rm(join(folder, name), { recursive: true, force: true });
}

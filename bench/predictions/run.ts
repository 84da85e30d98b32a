import { join } from 'node:path';
import $ from 'tinyspawn';
import { cpuMs } from '../../host/processFigures';
import { type Benchmark, interleaved, type Plan, setup } from '../shared/benchmark';
import { ForkedTask } from '../../host/forkedTask';
import {
  type Caller,
  CALLERS,
  callersUnder,
  conditionName,
  conditionOf,
  CONDITIONS,
  IN_FLIGHT,
  WARM_UP,
} from './callers';
import { closeConnections, type Network, openNetwork } from './network';
import { RealN8n, startRealN8n } from './realN8n';
import { predictionsSection } from './section';
import type { Condition, Job, Measured, Place, PredictionResults, PredictionRound } from './types';

/** Clients that call the emulator at once to find its limit: more than it has cores. */
const CEILING_CLIENTS = 2;
const CEILING_TRIES = 3;
const CEILING: Condition = { items: 4000, modelMs: 0, eachWayMs: 0 };

/** Makes predictions by one caller under a condition. */
type Predict = (caller: Caller, condition: Condition) => Promise<Measured>;

/** What is measured with, and where the results go. */
interface Session {
  plan: Plan;
  network: Network;
  results: PredictionResults;
}

/** Predictions by this node and by everything it can be compared with. */
export const predictions: Benchmark<PredictionResults> = {
  name: 'predictions',
  section: predictionsSection,
  async measure(plan) {
    const network = await openNetwork(CONDITIONS.map(({ eachWayMs }) => eachWayMs));
    try {
      plan.say('How much the emulator can answer …');
      const results: PredictionResults = {
        ...setup(),
        n8n: plan.host.version,
        n8nNode: (await $(plan.host.nodeBin, ['--version'])).stdout,
        inFlight: IN_FLIGHT,
        ceiling: await measureCeiling(plan, network),
        rounds: [],
        skipped: [],
      };
      await measureInEngine({ plan, network, results });
      await measureInN8n({ plan, network, results });
      return results;
    } finally {
      await network.close();
    }
  },
};

/** Returns the most predictions a second that several `undici` processes get from the emulator. */
async function measureCeiling(plan: Plan, network: Network): Promise<number> {
  const undici = CALLERS.find(({ id }) => id === 'undici') as Caller;
  const clients = Array.from(
    { length: CEILING_CLIENTS },
    () => new CallerProcess(undici, plan, network),
  );
  try {
    let best = 0;
    for (let tried = 0; tried < CEILING_TRIES; tried++) {
      const start = performance.now();
      await Promise.all(clients.map((client) => client.predict(CEILING)));
      const seconds = (performance.now() - start) / 1000;
      best = Math.max(best, (CEILING_CLIENTS * CEILING.items) / seconds);
    }
    return best;
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** Each caller in a process of its own. */
async function measureInEngine(session: Session): Promise<void> {
  const { plan, network } = session;
  const processes = new Map<Caller, CallerProcess>();
  try {
    await measureConditions(session, 'engine', async (caller, condition) => {
      const own = processes.get(caller) ?? new CallerProcess(caller, plan, network);
      processes.set(caller, own);
      return await own.predict(condition);
    });
  } finally {
    await Promise.all([...processes.values()].map((own) => own.close()));
  }
}

/** All nodes in one n8n. */
async function measureInN8n(session: Session): Promise<void> {
  const { plan, network } = session;
  const n8n = await startRealN8n(plan, network.certFile);
  try {
    const realN8n = new RealN8n(n8n);
    await measureConditions(session, 'n8n', async ({ id }, condition) => {
      return await realN8n.predict(id, condition, network.urls(condition.eachWayMs).url);
    });
  } finally {
    await n8n.stop();
  }
}

async function measureConditions(session: Session, place: Place, predict: Predict): Promise<void> {
  for (const caller of callersUnder(WARM_UP, place)) await predict(caller, WARM_UP);
  for (const condition of CONDITIONS) await measureCondition(session, place, condition, predict);
}

async function measureCondition(
  { plan, network, results }: Session,
  place: Place,
  condition: Condition,
  predict: Predict,
): Promise<void> {
  const placeName = place === 'n8n' ? `n8n ${plan.host.version}` : "n8n-core's engine";
  const name = `${placeName}, ${conditionName(condition)}`;
  plan.say(`${name} …`);
  const contenders = callersUnder(condition, place);
  const before = results.rounds.length;
  await interleaved<Caller, PredictionRound>({
    contenders,
    rounds: plan.rounds,
    hasTime: plan.hasTime,
    run: async (caller) => {
      plan.signal.throwIfAborted();
      const emulator = caller.id === 'performanceClient' ? network.withoutTls : network.withTls;
      const own = conditionOf(caller.id, condition);
      await emulator.reset();
      const emulatorBefore = cpuMs(emulator.pid);
      const measured = await predict(caller, own);
      const emulatorCpuMs = cpuMs(emulator.pid) - emulatorBefore;
      const { connections, peakInFlight } = await emulator.counters();
      await closeConnections(emulator, condition.eachWayMs);
      const counted = { emulatorCpuMs, connections, peakInFlight };
      return { ...own, place, way: caller.id, ...measured, ...counted };
    },
    onResult: (_, round) => results.rounds.push(round),
  });
  const measured = (results.rounds.length - before) / contenders.length;
  if (measured < plan.rounds)
    results.skipped.push(`${name}: ${plan.rounds - measured} of ${plan.rounds} rounds`);
}

/** A process that makes predictions by one caller. Clients have no engine in it. */
class CallerProcess {
  private readonly task: ForkedTask<Job, number>;

  constructor(
    private readonly caller: Caller,
    private readonly plan: Plan,
    private readonly network: Network,
  ) {
    const [file, name] = caller.isWithoutN8n
      ? ['clients.ts', 'predictByClient']
      : ['engine.ts', 'predictInEngine'];
    const env = { NODE_EXTRA_CA_CERTS: network.certFile };
    this.task = new ForkedTask(join(__dirname, file as string), name as string, { env });
  }

  async predict(condition: Condition): Promise<Measured> {
    const { result, cpuMs: used } = await this.task.run({
      ...condition,
      ...this.network.urls(condition.eachWayMs),
      caller: this.caller.id,
      hostFolder: this.plan.host.folder,
    });
    return { ms: result, cpuMs: used };
  }

  async close(): Promise<void> {
    await this.task.close();
  }
}

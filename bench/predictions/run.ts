import { execFileSync } from 'node:child_process';
import { cpuMs } from '../../host/processFigures';
import { setup } from '../shared/machine';
import type { Part, Plan } from '../shared/part';
import { interleaved } from '../shared/rounds';
import { measureCeiling } from './ceiling';
import { closeConnections, type Network, openNetwork } from './network';
import { RealN8n, startRealN8n } from './realN8n';
import { predictionsSection } from './section';
import type { Condition, Done, Place, PredictionResults, PredictionRound, WayId } from './types';
import { conditionName, conditionOf, CONDITIONS, IN_FLIGHT, WARM_UP, waysUnder } from './ways';
import { Worker } from './workers';

/** Predictions by this node and by everything it can be compared with. */
export const predictions: Part<PredictionResults> = {
  name: 'predictions',
  section: predictionsSection,
  async measure(plan) {
    const network = await openNetwork(CONDITIONS.map(({ eachWayMs }) => eachWayMs));
    try {
      plan.say('What the emulator can answer …');
      const results: PredictionResults = {
        ...setup(),
        n8n: plan.host.version,
        n8nNode: execFileSync(plan.host.nodeBin, ['--version'], { encoding: 'utf8' }).trim(),
        inFlight: IN_FLIGHT,
        ceiling: await measureCeiling(network, plan.host.folder),
        rounds: [],
        skipped: [],
      };
      await inEngine(plan, network, results);
      await inN8n(plan, network, results);
      return results;
    } finally {
      await network.close();
    }
  },
};

/** Each way in a process of its own. */
async function inEngine(plan: Plan, network: Network, results: PredictionResults): Promise<void> {
  const workers = new Map<WayId, Worker>();
  const workerOf = (way: WayId) => {
    const worker = workers.get(way) ?? new Worker(way, plan.host.folder, network.certFile);
    workers.set(way, worker);
    return worker;
  };
  const make = async (way: WayId, met: Condition) =>
    await workerOf(way).run({ ...met, ...network.urls(met.eachWayMs) });
  try {
    for (const { id } of waysUnder(WARM_UP, 'engine')) await make(id, WARM_UP);
    for (const condition of CONDITIONS)
      await rounds(plan, network, results, 'engine', condition, make);
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker.close()));
  }
}

async function inN8n(plan: Plan, network: Network, results: PredictionResults): Promise<void> {
  const n8n = await startRealN8n(plan, network.certFile);
  try {
    const realN8n = new RealN8n(n8n);
    const make = async (way: WayId, met: Condition) =>
      await realN8n.make(way, met, network.urls(met.eachWayMs).url);
    for (const { id } of waysUnder(WARM_UP, 'n8n')) await make(id, WARM_UP);
    for (const condition of CONDITIONS)
      await rounds(plan, network, results, 'n8n', condition, make);
  } finally {
    await n8n.stop();
  }
}

async function rounds(
  plan: Plan,
  network: Network,
  results: PredictionResults,
  place: Place,
  condition: Condition,
  make: (way: WayId, condition: Condition) => Promise<Done>,
): Promise<void> {
  const what = `${place === 'n8n' ? `n8n ${plan.host.version}` : "n8n-core's engine"}, ${conditionName(condition)}`;
  plan.say(`${what} …`);
  const ways = waysUnder(condition, place);
  const before = results.rounds.length;
  await interleaved(
    ways,
    plan.rounds,
    plan.hasTime,
    async ({ id }) => {
      plan.signal.throwIfAborted();
      const emulator = id === 'performanceClient' ? network.withoutTls : network.withTls;
      const met = conditionOf(id, condition);
      await emulator.reset();
      const emulatorBefore = cpuMs(emulator.pid);
      const done = await make(id, met);
      const emulatorCpuMs = cpuMs(emulator.pid) - emulatorBefore;
      const { connections, peakInFlight } = await emulator.counters();
      await closeConnections(emulator, condition.eachWayMs);
      return { ...met, place, way: id, ...done, emulatorCpuMs, connections, peakInFlight };
    },
    (_, round: PredictionRound) => results.rounds.push(round),
  );
  const measured = (results.rounds.length - before) / ways.length;
  if (measured < plan.rounds)
    results.skipped.push(`${what}: ${plan.rounds - measured} of ${plan.rounds} rounds`);
}

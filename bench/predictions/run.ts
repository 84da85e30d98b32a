import { execFileSync } from 'node:child_process';
import { cpuMs } from '../shared/processFigures';
import { setup } from '../shared/machine';
import type { Part, Plan } from '../shared/part';
import { interleaved } from '../shared/rounds';
import { measureCeiling } from './ceiling';
import { closeConnections, type Network, openNetwork } from './network';
import { RealN8n, startRealN8n } from './realN8n';
import { predictionsSection } from './section';
import type { Condition, Done, Place, PredictionResults, PredictionRound, WayId } from './types';
import { conditionName, conditionOf, CONDITIONS, IN_FLIGHT, type Way, waysUnder } from './ways';
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
  try {
    for (const condition of CONDITIONS) {
      const urls = network.urls(condition.eachWayMs);
      await rounds(plan, network, results, 'engine', condition, waysUnder(condition, 'engine'), async (way, met) => {
        return await workerOf(way).run({ ...met, ...urls });
      });
    }
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker.close()));
  }
}

async function inN8n(plan: Plan, network: Network, results: PredictionResults): Promise<void> {
  const n8n = await startRealN8n(plan, network.certFile);
  try {
    const realN8n = new RealN8n(n8n);
    for (const condition of CONDITIONS) {
      const { url } = network.urls(condition.eachWayMs);
      await rounds(plan, network, results, 'n8n', condition, waysUnder(condition, 'n8n'), async (way, met) => {
        return await realN8n.make(way, met, url);
      });
    }
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
  ways: Way[],
  make: (way: WayId, condition: Condition) => Promise<Done>,
): Promise<void> {
  const what = `${place === 'n8n' ? `n8n ${plan.host.version}` : "n8n-core's engine"}, ${conditionName(condition)}`;
  plan.say(`${what} …`);
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
  if (measured < plan.rounds) results.skipped.push(`${what}: ${plan.rounds - measured} of ${plan.rounds} rounds`);
}

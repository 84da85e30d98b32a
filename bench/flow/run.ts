import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { selfSigned } from '../../host/emulator/certificate';
import { temporaryFolder } from '../../host/temporaryFolder';
import { type Benchmark, interleaved, type Plan, setup } from '../shared/benchmark';
import { Bed, type BedSettings } from './bed';
import { CASES, DRAWN } from './cases';
import { flowSection } from './section';
import type { Contender, FlowCase, FlowResults, FlowRun, MeasuredCase } from './types';

/** Milliseconds between the beginnings of limited runs, which go on side by side. */
const STAGGER_MS = 12_000;

/** How many requests the node has in flight if nothing is set, and what comes of it. */
export const flow: Benchmark<FlowResults> = {
  name: 'flow',
  section: flowSection,
  async measure(plan) {
    const folder = await temporaryFolder('bench');
    try {
      const identity = await selfSigned();
      const certFile = join(folder.path, 'cert.pem');
      await writeFile(certFile, identity.cert);
      const settings = { plan, identity, certFile };
      const measured = new Map<string, MeasuredCase>();
      for (const flowCase of CASES) {
        const isWanted = plan.cases?.includes(flowCase.name) ?? true;
        if (isWanted && plan.hasTime())
          measured.set(flowCase.name, await measureCase(settings, flowCase));
      }
      const earlier = (plan.earlier as FlowResults | undefined)?.cases ?? [];
      const cases = CASES.map(
        ({ name }) => measured.get(name) ?? earlier.find((one) => one.name === name),
      );
      return { cases: cases.filter((one) => one !== undefined) };
    } finally {
      await folder.remove();
    }
  },
};

async function measureCase(settings: BedSettings, flowCase: FlowCase): Promise<MeasuredCase> {
  const { plan } = settings;
  const contenders = flowCase.contenders.filter(
    ({ caller }) => caller !== 'before' || plan.before !== undefined,
  );
  plan.say(`${flowCase.title} …`);
  const runs = flowCase.limit
    ? await measureLimited(settings, flowCase, contenders)
    : await measureInTurns(settings, flowCase, contenders);
  return { ...setup(), name: flowCase.name, runs: withFewMoments(flowCase, runs) };
}

/** Each contender in an emulator and an engine of its own, all at the same time. */
async function measureLimited(
  settings: BedSettings,
  flowCase: FlowCase,
  contenders: Contender[],
): Promise<FlowRun[]> {
  return await Promise.all(
    contenders.map(async (contender, index) => {
      await pause(index * STAGGER_MS, undefined, { signal: settings.plan.signal });
      const run = await withBed(settings, async (bed) => {
        const model = await bed.addModel(flowCase.capacity);
        return await bed.runLimited(flowCase, contender, model);
      });
      tell(settings.plan, contender, run);
      return run;
    }),
  );
}

async function measureInTurns(
  settings: BedSettings,
  flowCase: FlowCase,
  contenders: Contender[],
): Promise<FlowRun[]> {
  const { plan } = settings;
  const runs: FlowRun[] = [];
  const shared = flowCase.isIsolated ? undefined : await Bed.open(settings);
  try {
    await interleaved<Contender, FlowRun[]>({
      contenders,
      rounds: Math.min(plan.rounds, flowCase.rounds ?? plan.rounds),
      hasTime: plan.hasTime,
      run: async (contender) => {
        const turns = shared
          ? await takeTurns(shared, flowCase, contender)
          : await withBed(settings, (bed) => takeTurns(bed, flowCase, contender));
        for (const run of turns) tell(plan, contender, run);
        return turns;
      },
      onResult: (_, turns) => runs.push(...turns),
    });
  } finally {
    await shared?.close();
  }
  return runs;
}

/** Runs a case once or twice on a deployment that the process has not met. */
async function takeTurns(bed: Bed, flowCase: FlowCase, contender: Contender): Promise<FlowRun[]> {
  const model = await bed.addModel(flowCase.capacity);
  const first = await bed.run(flowCase, contender, model);
  if (!contender.isTwice) return [first];
  return [first, { ...(await bed.run(flowCase, contender, model)), turn: 2 }];
}

async function withBed<T>(settings: BedSettings, use: (bed: Bed) => Promise<T>): Promise<T> {
  const bed = await Bed.open(settings);
  try {
    return await use(bed);
  } finally {
    await bed.close();
  }
}

function tell(plan: Plan, { caller, fixed }: Contender, run: FlowRun): void {
  const how = fixed === undefined ? 'nothing set' : `${fixed} at once`;
  const parts = [
    `${caller}, ${how}, run ${run.turn}: ${run.answered} in ${(run.ms / 1000).toFixed(2)} s`,
    `${run.refused} of ${run.sent} refused`,
    `9 of 10 waited ${run.waited} ms`,
    ...(run.smallestShare === undefined ? [] : [`share ${run.smallestShare.toFixed(2)}`]),
    ...(run.followedMs === undefined ? [] : [`followed after ${run.followedMs} ms`]),
    ...(run.secondKey ? [`second key ${run.secondKey.alone}, ${run.secondKey.beside} ms`] : []),
    `others took ${(run.others * 100).toFixed(0)} % of the machine`,
  ];
  plan.say(`  ${parts.join('; ')}`);
}

/** What the chart shows is kept of the last first run; the rest would only be long. */
function withFewMoments({ name }: FlowCase, runs: FlowRun[]): FlowRun[] {
  const isDrawn = DRAWN.includes(name);
  const shown = runs.findLast(({ caller, fixed, turn }) => {
    return caller === 'node' && fixed === undefined && turn === 1;
  });
  return runs.map(({ moments, ...run }) =>
    isDrawn && run.turn === 1 && moments === shown?.moments ? { ...run, moments } : run,
  );
}

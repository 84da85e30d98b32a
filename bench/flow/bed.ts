import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type CapacityChange, MODEL_IDS, type TlsIdentity } from '../../emulator';
import {
  API_KEY,
  type EmulatorProcess,
  SECOND_KEY,
  startEmulatorProcess,
} from '../../host/emulator/emulatorProcess';
import { ForkedTask } from '../../host/forkedTask';
import { closeConnections } from '../predictions/network';
import type { Plan } from '../shared/benchmark';
import { watchOthers } from '../shared/machineLoad';
import type { Executed, Execution, FlowJob } from './engine';
import { followedMs, momentsOf, seenFigures, smallestShare } from './figures';
import type { Contender, FlowCaller, FlowCase, FlowRun } from './types';

const ROOT = join(__dirname, '../..');
const ALL_REQUESTS = 100_000;
/** Before anything is measured. */
const WARM_UP_ITEMS = 2000;
/** A limited execution is stopped after this time. */
const LONGEST_LIMITED_MS = 300_000;
/** Items with the second key, and when they begin beside the limited ones. */
const SECOND_KEY_ITEMS = 400;
const BESIDE_AFTER_MS = 65_000;

/** What all beds need: the certificate, and the checkout to compare with. */
export interface BedSettings {
  plan: Plan;
  identity: TlsIdentity;
  certFile: string;
}

/** An emulator, and n8n-core's engine in a process for each caller. */
export class Bed {
  private readonly engines = new Map<FlowCaller, Promise<ForkedTask<FlowJob, Executed[]>>>();
  private models = 0;

  private constructor(
    private readonly settings: BedSettings,
    private readonly emulator: EmulatorProcess,
  ) {}

  static async open(settings: BedSettings): Promise<Bed> {
    const options = { maxRecordedRequests: ALL_REQUESTS };
    return new Bed(settings, await startEmulatorProcess(settings.identity, options));
  }

  async close(): Promise<void> {
    for (const engine of this.engines.values()) await (await engine).close();
    await this.emulator.stop();
  }

  /** Adds a deployment that no process has met. Returns the ID of its model. */
  async addModel(capacity: CapacityChange): Promise<string> {
    const id = `flow${String(this.models++).padStart(4, '0')}`;
    await this.emulator.control('PUT', `models/${id}`, { capacity });
    return id;
  }

  /** Runs a case once by one contender. */
  async run(flowCase: FlowCase, contender: Contender, model: string): Promise<FlowRun> {
    const { items, executions = 1, change } = flowCase;
    const all = Array.from({ length: executions }, (_, index) =>
      execution(contender, model, { items, firstItem: index * items }),
    );
    const engine = await this.engineOf(contender.caller);
    await this.prepare();
    const othersTook = watchOthers([engine.pid, this.emulator.pid]);
    const running = this.execute(contender.caller, all);
    const changed = change && this.changeAfter(change, model);
    const done = await running;
    const others = othersTook();
    const changedAt = await changed;
    const requests = await this.emulator.requests();
    return {
      caller: contender.caller,
      fixed: contender.fixed,
      turn: 1,
      ms: Math.max(...done.map(({ end }) => end)) - Math.min(...done.map(({ start }) => start)),
      answered: done.reduce((sum, { answered }) => sum + answered, 0),
      ...seenFigures(requests),
      smallestShare: smallestShare(requests, flowCase),
      followedMs: change && followedMs(requests, changedAt, change.perSecond),
      others,
      moments: momentsOf(requests),
    };
  }

  /**
   * Runs a case whose first key has a limit. Requests with a second key are measured alone before,
   * and in the middle of it.
   */
  async runLimited(flowCase: FlowCase, contender: Contender, model: string): Promise<FlowRun> {
    const { caller } = contender;
    const second = { ...execution(contender, model, { items: SECOND_KEY_ITEMS, firstItem: 0 }) };
    second.key = SECOND_KEY;
    const engine = await this.engineOf(caller);
    const limits = [{ ...flowCase.limit, key: API_KEY }];
    await this.emulator.control('PUT', 'limits', limits);
    // Its first run finds out how much the deployment takes. Its connections are closed until it
    // goes on, as they are when it begins beside the limited ones.
    await this.execute(caller, [second]);
    await pause(BESIDE_AFTER_MS);
    const [alone] = await this.execute(caller, [second]);
    await this.prepare();
    const othersTook = watchOthers([engine.pid, this.emulator.pid]);
    const first = execution(contender, model, { items: flowCase.items, firstItem: 0 });
    const [limited, beside] = await this.execute(caller, [
      { ...first, stopAfterMs: LONGEST_LIMITED_MS },
      { ...second, beginAfterMs: BESIDE_AFTER_MS },
    ]);
    const all = await this.emulator.requests();
    const requests = all.filter(({ headers }) => headers.authorization?.endsWith(API_KEY));
    const started = Math.min(...requests.map(({ receivedAt }) => receivedAt));
    const answers = requests.filter(({ status }) => status === 200);
    return {
      caller,
      fixed: contender.fixed,
      turn: 1,
      ms: Math.max(...requests.map(({ endedAt }) => endedAt ?? 0)) - started,
      answered: Math.max(limited?.answered ?? 0, answers.length),
      ...seenFigures(requests),
      secondKey: { alone: msOf(alone), beside: msOf(beside) },
      others: othersTook(),
      moments: momentsOf(requests),
    };
  }

  private async changeAfter(
    { afterSeconds, capacity }: NonNullable<FlowCase['change']>,
    model: string,
  ): Promise<number> {
    await pause(afterSeconds * 1000);
    await this.emulator.control('PATCH', `models/${model}`, capacity);
    return Date.now();
  }

  private async prepare(): Promise<void> {
    await closeConnections(this.emulator, 0);
    await this.emulator.reset();
  }

  private async execute(caller: FlowCaller, executions: Execution[]): Promise<Executed[]> {
    this.settings.plan.signal.throwIfAborted();
    const engine = await this.engineOf(caller);
    return (await engine.run(this.jobOf(caller, executions))).result;
  }

  private jobOf(caller: FlowCaller, executions: Execution[]): FlowJob {
    const { host, before } = this.settings.plan;
    const nodeFolder = caller === 'before' ? (before ?? ROOT) : ROOT;
    return { executions, url: this.emulator.url, hostFolder: host.folder, nodeFolder };
  }

  private engineOf(caller: FlowCaller): Promise<ForkedTask<FlowJob, Executed[]>> {
    const engine = this.engines.get(caller) ?? this.startEngine(caller);
    this.engines.set(caller, engine);
    return engine;
  }

  private async startEngine(caller: FlowCaller): Promise<ForkedTask<FlowJob, Executed[]>> {
    const env = { NODE_EXTRA_CA_CERTS: this.settings.certFile };
    const file = join(__dirname, 'engine.ts');
    const engine = new ForkedTask<FlowJob, Executed[]>(file, 'runExecutions', { env });
    const warmUp = execution({ caller, fixed: 16 }, MODEL_IDS.echo, {
      items: WARM_UP_ITEMS,
      firstItem: 0,
    });
    await engine.run(this.jobOf(caller, [warmUp]));
    return engine;
  }
}

const execution = (
  { caller, fixed }: Contender,
  model: string,
  { items, firstItem }: { items: number; firstItem: number },
): Execution => ({ caller, fixed, model, key: API_KEY, items, firstItem });

const msOf = (executed: Executed | undefined) => (executed ? executed.end - executed.start : NaN);

// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { toErrorJson } from '../shared/errors/errorJson';
import { toNodeError } from '../shared/errors/nodeErrors';
import { realTime } from '../shared/time';
import type { WaitJob } from '../shared/waiting/job';
import { toItems } from '../shared/waiting/outcome';
import type { ToKeeper } from '../shared/waiting/messages';
import { postUntilAsleep } from '../shared/waiting/postUntilAsleep';
import { resumeUrlOf } from '../shared/waiting/resumeUrl';
import { readJob } from '../shared/waiting/workflow';
import type { AsyncResult } from '../shared/webhook/verify';
import { viewOf } from './asleep';
import { nextCommand } from './awake';
import { Baseten } from './baseten';
import { newKeeper, type Command, type Keeper, type News, type Settled } from './keeper';
import { learn } from './learn';
import { deliver, probe } from './parent';
import { causeOf, outcomeOfResult, outcomesOf, settledBy } from './outcomes';
import { VIEW, type Woken } from './resume';
import { positionOf, type Sleeping, type Turn } from './turn';

/** Milliseconds that the keeper gets to fall asleep before it is told to go on. */
const ASLEEP_AFTER = 250;
/**
 * Milliseconds of the process in which n8n starts. It wakes executions before it looks for those
 * that a crash has left running, and takes what runs then for one of them. So a turn is short.
 */
const HOST_STARTS = 60_000;
/** Milliseconds until a keeper is woken again that n8n woke while it was starting. */
const START_AGAIN = 15_000;
/** Milliseconds until a keeper that could not close itself tries it again. */
const CLOSE_AGAIN = 5 * 60_000;
/** How often it tries that. */
const MOST_CLOSINGS = 12;

/**
 * One turn of the keeper: it takes in what woke it and does what its table says, until it sleeps
 * again or the wait is over.
 * @returns the items of the parent, if n8n is to hand them back, or what the next sleep needs, or
 * what the last one needs
 * @throws why the wait ends with an error
 */
export async function work(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const woken = (context.getInputData()[0]?.json ?? {}) as Woken & Partial<Sleeping>;
  const { ends, results = {} } = woken;
  const job = readJob<WaitJob>(context);
  const secret = context.getNodeParameter('secret', 0) as string;
  const keeperUrl = resumeUrlOf(context);
  const baseten = new Baseten(context, job, secret);
  const turn: Turn = { context, job, secret, keeperUrl, baseten, causes: new Map() };
  const memory = context.getContext('node') as Memory;
  if (ends) return sleepLast(turn, memory);
  const known = memory.keeper ?? begin(turn.job);
  let keeper = learn(
    known,
    { of: 'waking', results: await readResults(turn, results) },
    Date.now(),
  );
  // What it slept by says that n8n has woken it by its deadline.
  const isEarly = woken.until !== undefined && realTime.elapsed() < HOST_STARTS;
  for (;;) {
    const command: Command = isEarly
      ? { do: 'park', until: Date.now() + START_AGAIN, alarm: false }
      : nextCommand(keeper, Date.now());
    switch (command.do) {
      case 'park':
        memory.keeper = keeper;
        memory[VIEW] = JSON.stringify(viewOf(keeper));
        if (keeper.phase === 'done') return sleepLast(turn, memory);
        return [[], [park(turn, keeper, command)]];
      case 'fail':
        throw toNodeError(
          context.getNode(),
          causeOf(turn, keeper, command.item),
          positionOf(job, command.item),
        );
      case 'handBack':
        return [await itemsOf(turn, keeper), []];
      default:
        keeper = learn(keeper, await carryOut(turn, keeper, command), Date.now());
    }
  }
}

/** What the step keeps, beside what can be seen of it. */
interface Memory {
  keeper?: Keeper;
  [VIEW]?: string;
  /** How often it has tried to close itself. */
  closings?: number;
}

type Deed = Exclude<Command, { do: 'park' | 'fail' | 'handBack' }>;

async function carryOut(turn: Turn, keeper: Keeper, command: Deed): Promise<News> {
  switch (command.do) {
    case 'probe':
      return await probe(turn, command);
    case 'submit':
      return await turn.baseten.submit(command.items, (item, cause) => {
        turn.causes.set(item, cause);
        const position = positionOf(turn.job, item);
        return settledBy({ failure: toErrorJson(turn.context.getNode(), cause, position) });
      });
    case 'look':
      return await turn.baseten.look(keeper, command.items);
    case 'cancel':
      await turn.baseten.cancel(keeper, command.items);
      return { of: 'cancel' };
    case 'deliver':
      return await deliver(turn, outcomesOf(turn, keeper));
  }
}

/** What n8n hands back in place of a delivery. */
async function itemsOf(turn: Turn, keeper: Keeper): Promise<INodeExecutionData[]> {
  const { context, job } = turn;
  return await toItems(context, outcomesOf(turn, keeper), job.shape, job.inputs ?? []);
}

function begin({ stops, items }: WaitJob): Keeper {
  const tracked = items.map((item) => {
    if ('failure' in item)
      return { patience: 0, resubmits: false, settled: settledBy({ failure: item.failure }) };
    const { waitTimeout, onLostResult } = item;
    return { patience: waitTimeout * 1000, resubmits: onLostResult === 'resubmit' };
  });
  return newKeeper(stops, tracked, Date.now());
}

/** What the keeper woke with: what each result is for the workflow. */
async function readResults(
  turn: Turn,
  results: NonNullable<Woken['results']>,
): Promise<Record<string, Settled>> {
  const settled: Record<string, Settled> = {};
  for (const [item, text] of Object.entries(results)) {
    const job = turn.job.items[Number(item)];
    if (!job || 'failure' in job) continue;
    const result = JSON.parse(text) as AsyncResult;
    settled[item] = settledBy(
      await outcomeOfResult(turn, job, positionOf(turn.job, Number(item)), result),
    );
  }
  return settled;
}

function park(
  turn: Turn,
  keeper: Keeper,
  { until, alarm }: Extract<Command, { do: 'park' }>,
): INodeExecutionData {
  const pause = Math.max(until - Date.now(), ASLEEP_AFTER);
  if (alarm) tellLater(turn, { kind: 'go', turn: keeper.turn }, pause);
  const sleeping: Sleeping = { until };
  return { json: { ...sleeping }, pairedItem: { item: 0 } };
}

/**
 * Sleeps until it is closed, which it does itself. If that fails, it tries again later, and in the
 * end it gives up and ends.
 */
function sleepLast(turn: Turn, memory: Memory): INodeExecutionData[][] {
  memory.closings = (memory.closings ?? 0) + 1;
  if (memory.closings > MOST_CLOSINGS) return [[], [], []];
  tellLater(turn, { kind: 'close' }, ASLEEP_AFTER);
  const sleeping: Sleeping & Woken = { until: Date.now() + CLOSE_AGAIN, ends: true };
  return [[], [], [{ json: { ...sleeping }, pairedItem: { item: 0 } }]];
}

/** Tells the keeper something when it sleeps. @param pause milliseconds until then */
function tellLater({ keeperUrl, secret }: Turn, message: ToKeeper, pause: number): void {
  void realTime.wait(pause).then(async () => await postUntilAsleep(keeperUrl, message, secret));
}

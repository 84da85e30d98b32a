import assert from 'node:assert/strict';

import fc from 'fast-check';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { BasetenError } from '../../../nodes/shared/errors/basetenError';
import { runItems } from '../../../nodes/shared/run/items';
import { property, type Outcome } from '../property';

/** What happens to an item: how many items it results in, or the status that it fails with. */
const fate = fc.oneof(
  { weight: 5, arbitrary: fc.record({ gives: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ status: fc.constantFrom(400, 413, 422, 429, 500) }) },
);
type Fate = { gives: number } | { status: number };

const settings = {
  places: fc.integer({ min: 1, max: 6 }),
  continueOnFail: fc.boolean(),
  // Ends the requests that are in flight in any order.
  scheduler: fc.scheduler(),
};

function contextOf(count: number, continueOnFail: boolean): IExecuteFunctions {
  return {
    sendMessageToUI: () => undefined,
    getInputData: () => Array.from({ length: count }, () => ({ json: {} })),
    continueOnFail: () => continueOnFail,
    getNode: () => ({ name: 'Baseten' }),
  } as unknown as IExecuteFunctions;
}

/** Makes requests that end when the scheduler says, and counts how many are in flight. */
function slowly(scheduler: fc.Scheduler) {
  const seen = { underWay: 0, most: 0 };
  const request = async <Result>(respond: () => Result): Promise<Result> => {
    seen.most = Math.max(seen.most, ++seen.underWay);
    await scheduler.schedule(Promise.resolve());
    seen.underWay--;
    return respond();
  };
  return { seen, request };
}

function failure(status: number): BasetenError {
  return new BasetenError(`status ${status}`, { kind: 'http', hint: '', status });
}

/**
 * For each item of the output: the item of the input, and which of its results it is, or its
 * failure.
 */
function summary(items: INodeExecutionData[]): unknown[] {
  return items.map(({ json, pairedItem }) => [
    (pairedItem as { item: number }).item,
    'error' in json ? (json.details as { itemIndex: number }).itemIndex : json.of,
    'error' in json ? 'failed' : json.result,
  ]);
}

/** The items that failed without being sent alone, because everything else was refused alike. */
function givenUp(items: INodeExecutionData[]): number[] {
  return items.flatMap(({ json, pairedItem }) =>
    String(json.message).includes('so this one was not sent alone')
      ? [(pairedItem as { item: number }).item]
      : [],
  );
}

/** Waits for a run, and compares its output with the fates of its items. */
async function settle(
  scheduler: fc.Scheduler,
  run: Promise<INodeExecutionData[]>,
  fates: Fate[],
  continueOnFail: boolean,
  mayGiveUp = (_index: number) => false,
): Promise<Outcome> {
  const failing = fates.flatMap((each, index) => ('status' in each ? [index] : []));
  const outcome = await scheduler.waitFor(
    run.then(
      (results) => ({ items: results }),
      (error: unknown) => ({ error }),
    ),
  );
  if (continueOnFail || failing.length === 0) {
    assert('items' in outcome, 'error' in outcome ? String(outcome.error) : '');
    const unsent = givenUp(outcome.items);
    assert(unsent.every(mayGiveUp), 'an item was given up too early');
    const expected = fates.flatMap((each, index) =>
      'status' in each || unsent.includes(index)
        ? [[index, index, 'failed']]
        : Array.from({ length: each.gives }, (_, result) => [index, index, result]),
    );
    assert.deepEqual(summary(outcome.items), expected);
    return 'accepted';
  }
  assert('error' in outcome, 'a failure was ignored');
  assert(failing.includes((outcome.error as { context: { itemIndex: number } }).context.itemIndex));
  return 'refused';
}

const resultsOf = (index: number, count: number) =>
  Array.from({ length: count }, (_, result) => ({ json: { of: index, result } }));

/** Items come out in the order of the input, and no more run at once than allowed. */
export const items = property({
  name: 'order of items',
  share: 0.5,
  inputs: fc.record({ fates: fc.array(fate, { maxLength: 12 }), ...settings }),
  check: async ({ fates, scheduler, continueOnFail, places }) => {
    const { seen, request } = slowly(scheduler);
    const asked: number[] = [];
    const running = runItems({
      context: contextOf(fates.length, continueOnFail),
      flow: { places },
      work: {
        send: async ([index = 0]) => {
          asked.push(index);
          return await request(() => {
            const becomes = fates[index] as Fate;
            if ('status' in becomes) throw failure(becomes.status);
            return [resultsOf(index, becomes.gives)];
          });
        },
      },
    });
    const outcome = await settle(scheduler, running, fates, continueOnFail);
    assert(seen.most <= places, `${seen.most} requests at once`);
    assert.equal(new Set(asked).size, asked.length, 'an item was sent twice');
    return outcome;
  },
});

const entry = fc.record({
  fate,
  kind: fc.constantFrom('a', 'b'),
  isReadable: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
});
const SPLITTING = [400, 413, 422];

/**
 * The fewest requests after which the rest of a batch is given up: its halves down to its first
 * item, and then some items alone.
 */
const fewestRefusals = (size: number) => 2 * Math.floor(Math.log2(size)) + 2;

/** The same holds for items that share requests. */
export const batches = property({
  name: 'order of items in batches',
  share: 0.5,
  inputs: fc.record({
    entries: fc.array(entry, { maxLength: 12 }),
    batchSize: fc.integer({ min: 1, max: 8 }),
    // In some runs all entries are refused, or all but one.
    isHopeless: fc.integer({ min: 0, max: 3 }).map((dice) => dice === 0),
    spared: fc.nat(30),
    ...settings,
  }),
  check: async ({ entries, batchSize, isHopeless, spared, scheduler, continueOnFail, places }) => {
    // Only statuses that a batch is split for. Other failures belong to the whole batch, not to an
    // item.
    const fates = entries.map(({ fate: each, isReadable }, index): Fate =>
      !isReadable || (isHopeless && index !== spared)
        ? { status: 400 }
        : 'status' in each
          ? { status: SPLITTING[each.status % SPLITTING.length] as number }
          : { gives: 1 },
    );
    const { seen, request } = slowly(scheduler);
    const answered: number[] = [];
    const refused: number[][] = [];
    const running = runItems({
      context: contextOf(entries.length, continueOnFail),
      flow: { places },
      work: {
        share: (index) => {
          if (!entries[index]?.isReadable) throw failure(400);
          return { kind: entries[index].kind, batchSize };
        },
        send: async (indexes) => {
          assert(
            indexes.length <= batchSize &&
              new Set(indexes.map((index) => entries[index]?.kind)).size === 1,
          );
          return await request(() => {
            const bad = indexes
              .map((index) => fates[index] as Fate)
              .find((each) => 'status' in each);
            if (bad && 'status' in bad) {
              refused.push(indexes);
              throw failure(bad.status);
            }
            answered.push(...indexes);
            return indexes.map((index) => resultsOf(index, 1));
          });
        },
      },
    });
    const mayGiveUp = (index: number) => {
      const batch = refused.find((indexes) => indexes.includes(index)) ?? [];
      const parts = refused.filter((indexes) => indexes.every((each) => batch.includes(each)));
      const isEndRefused = [batch[0], batch.at(-1)].every((end) =>
        parts.some((indexes) => indexes.length === 1 && indexes[0] === end),
      );
      const isAnyAnswered = batch.some((each) => answered.includes(each));
      return isEndRefused && !isAnyAnswered && parts.length >= fewestRefusals(batch.length);
    };
    const outcome = await settle(scheduler, running, fates, continueOnFail, mayGiveUp);
    const rounds = Math.max(
      0,
      ...entries.map((_, index) => refused.filter((indexes) => indexes.includes(index)).length),
    );
    assert(rounds <= Math.ceil(Math.log2(batchSize)) + 1, `${rounds} rounds`);
    assert(seen.most <= places, `${seen.most} requests at once`);
    assert.equal(new Set(answered).size, answered.length, 'an item was sent twice');
    return outcome;
  },
});

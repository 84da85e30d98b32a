import { strict as assert } from 'node:assert';

import fc from 'fast-check';

import { HAPPENINGS, RARE } from '../waiting/commands';
import { Executions, type Setup } from '../waiting/executions';
import { World } from '../waiting/world';
import { property, type Outcome } from '../property';

const HOUR = 3_600_000;

const setups: fc.Arbitrary<Setup> = fc
  .record({
    items: fc.integer({ min: 1, max: 5 }),
    stops: fc.boolean(),
    resubmits: fc.boolean(),
    waitTimeout: fc.constantFrom(60, 600, 7200),
    processes: fc.constantFrom<1 | 2>(1, 2),
    isLimited: fc.boolean(),
  })
  .map((setup) => ({ ...setup, isLimited: setup.isLimited && setup.processes === 1 }));

/** What all runs have to end with, once nothing goes wrong any more and time has passed. */
function settleDown(real: Executions): void {
  const { world, setup, baseten } = real;
  real.note('> settle down');
  world.calm();
  for (const process of world.processes) if (!process.isAlive) world.restart(process);
  world.pass(60_000);
  // Some models answer late, and some never.
  for (let which = 0; which < 3; which++) baseten.finish(which, false);
  world.pass(setup.waitTimeout * 1000 + 3 * HOUR);
}

/** @throws {AssertionError} if a run did not end as it must */
function check(real: Executions): Outcome {
  const { parent, keeper, ending, excuses, setup, baseten } = real;
  const { items, stops, resubmits } = setup;
  if (parent.where === 'canceled' || parent.where === 'crashed') {
    assert.equal(ending, undefined, 'a parent that had ended was woken');
    if (!excuses.has('deleted') && !excuses.has('crashed')) {
      assert.equal(
        baseten.afterStop > 3,
        false,
        'it went on submitting after the parent was stopped',
      );
      const queued = baseten.requests.filter(({ status }) => status === 'QUEUED');
      assert.deepEqual(queued, [], 'a request is still queued though its parent was stopped');
      assert.equal(keeper.status, 'ended', 'the keeper sleeps for ever');
    }
    return 'refused';
  }
  if (ending === undefined) {
    // Nobody looks any more, and no result can reach anybody.
    assert.ok(excuses.has('deleted'), 'the parent sleeps for ever');
    return 'refused';
  }
  if (!excuses.has('deleted') && !excuses.has('crashed'))
    assert.equal(keeper.status, 'ended', 'the keeper sleeps for ever');
  if ('crashed' in ending) return 'refused';
  if ('error' in ending) {
    assert.ok(stops, 'it failed though it was to continue');
    checkReason(real, ending.error);
    return 'accepted';
  }
  if (excuses.has('deleted') && ending.items.length === 0) return 'refused';
  assert.equal(ending.items.length, items);
  for (const [item, one] of ending.items.entries()) {
    if ('payload' in one) assert.equal(one.payload, item, 'an item got the result of another');
    else if (!excuses.has('deleted')) {
      assert.ok(!stops, 'an error went on as a result');
      checkReason(real, one.failure, item);
    }
  }
  assert.ok(baseten.requests.length <= items * (resubmits ? 2 : 1));
  return 'accepted';
}

/** Whether an item failed for a reason that is true. */
function checkReason({ baseten, setup }: Executions, reason: unknown, item?: number): void {
  const requests = baseten.requests.filter((each) => item === undefined || each.item === item);
  if (reason === 'submission') return;
  const why = reason === 'inference' ? 'inference' : (reason as { why: string }).why;
  if (why === 'inference') assert.ok(requests.some(({ status }) => status === 'FAILED'));
  else if (why === 'CANCELED') assert.ok(requests.some(({ status }) => status === 'CANCELED'));
  else if (why === 'lost') {
    const last = requests.filter(({ status }) => status === 'SUCCEEDED');
    assert.ok(last.length > 0, 'nothing was lost');
    assert.ok(
      last.some(({ wasAccepted }) => !wasAccepted),
      'a result that was accepted is said to be lost',
    );
  } else assert.equal(why, 'time', `${why} in ${JSON.stringify(setup)}`);
}

/**
 * The protocol of Wait for Result, over everything that can happen between an execution that waits,
 * its keeper, n8n and Baseten: whatever the order, each result reaches the parent exactly once or
 * the parent fails with a reason that is true; nobody sleeps for ever; and no later Wait node of
 * the same workflow is woken.
 */
export const waiting = property({
  name: 'waiting for results',
  // A hundred thousand waits of a million inputs.
  share: 18.4,
  inputs: fc.record({
    setup: setups,
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    commands: fc.commands(
      [
        fc.oneof(
          { weight: 60, arbitrary: fc.oneof(...HAPPENINGS) },
          { weight: 1, arbitrary: fc.oneof(...RARE) },
        ),
      ],
      { size: 'medium' },
    ),
  }),
  check({ setup, seed, commands }) {
    const real = new Executions(new World(setup.processes, diceOf(seed)), setup);
    try {
      fc.modelRun(() => ({ model: {}, real }), commands);
      settleDown(real);
      return check(real);
    } catch (error) {
      const { message } = error as Error;
      throw new Error([message, JSON.stringify(setup), ...real.log].join('\n'), { cause: error });
    }
  },
});

/** Numbers from 0 up to 1 that look as if they were random. */
function diceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

import fc from 'fast-check';

import type { Executions } from './executions';
import type { Trouble } from './world';

type Model = object;
type Real = Executions;

/** One thing that happens, in words for the report of a failure. */
class Happening implements fc.Command<Model, Real> {
  constructor(
    private readonly words: string,
    private readonly what: (real: Real) => void,
  ) {}

  check = () => true;

  run(_: Model, real: Real): void {
    real.note(`> ${this.words}`);
    this.what(real);
  }

  toString = () => this.words;
}

const TROUBLES: Trouble[] = ['request lost', 'answer lost', 'n8n starts'];

/** Everything that can happen to a wait, in any order. */
export const HAPPENINGS: Array<fc.Arbitrary<fc.Command<Model, Real>>> = [
  ...[1, 2, 3, 4].map(() =>
    fc.nat(9).map((which) => new Happening(`step ${which}`, ({ world }) => world.step(which))),
  ),
  ...[1, 2].map(() =>
    fc
      .constantFrom(20, 200, 1_000, 2_500, 10_000, 60_000, 200_000)
      .map((ms) => new Happening(`pass ${ms}`, ({ world }) => world.pass(ms))),
  ),
  fc.constant(new Happening('begin', ({ baseten }) => baseten.begin())),
  ...[1, 2].map(() =>
    fc
      .tuple(fc.nat(9), fc.integer({ min: 0, max: 4 }))
      .map(
        ([which, dice]) =>
          new Happening(`finish ${which} ${dice}`, ({ baseten }) =>
            baseten.finish(which, dice === 0),
          ),
      ),
  ),
  fc.nat(9).map(
    (which) =>
      new Happening(`repeat ${which}`, ({ baseten, ending }) => {
        if (ending) baseten.repeat(which);
      }),
  ),
  fc
    .constantFrom(...TROUBLES)
    .map((trouble) => new Happening(trouble, ({ world }) => world.trouble(trouble))),
  fc.nat(1).map(
    (which) =>
      new Happening(`kill ${which}`, ({ world }) => {
        const process = world.processes[which % world.processes.length];
        if (process?.isAlive) world.kill(process);
      }),
  ),
  fc.nat(1).map(
    (which) =>
      new Happening(`restart ${which}`, ({ world }) => {
        const process = world.processes[which % world.processes.length];
        if (process && !process.isAlive) world.restart(process);
      }),
  ),
  fc.constant(new Happening('refuse', ({ baseten }) => void (baseten.refuses = true))),
];

/** What happens seldom, so that most runs are about something else. */
export const RARE: Array<fc.Arbitrary<fc.Command<Model, Real>>> = [
  fc.constant(new Happening('stop', (real) => real.stopParent())),
  fc.constant(new Happening('delete', (real) => real.deleteKeeper())),
];

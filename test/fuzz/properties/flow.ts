import assert from 'node:assert/strict';

import fc from 'fast-check';

import { Concurrency } from '../../../nodes/shared/http/flow/concurrency';
import { Queue, type Ending } from '../../../nodes/shared/http/flow/queue';
import { Simulation } from '../../support/simulation';
import { property } from '../property';

/** How a request ends, if it is sent. */
const ending = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Ending>('answered') },
  { weight: 1, arbitrary: fc.constantFrom<Ending>('failed', 'unknown') },
  {
    weight: 3,
    arbitrary: fc.record({
      refused: fc.constantFrom(429, 429, 503),
      pause: fc.constantFrom(undefined, 0, 1000, 8000, 120_000),
    }),
  },
);

const request = fc.record({
  /** Milliseconds after the request before it; now and then the machine slept in between. */
  after: fc.oneof(
    { weight: 9, arbitrary: fc.nat(300) },
    { weight: 1, arbitrary: fc.constantFrom(60_000, 3_600_000) },
  ),
  run: fc.nat(3),
  deployment: fc.constantFrom(undefined, 0, 1),
  takes: fc.nat(500),
  ending,
  /** Milliseconds after which it gives up, if it does. */
  givesUpAfter: fc.option(fc.nat(2000), { freq: 4 }),
  requestsPerMinute: fc.constantFrom(0, 0, 60, 6000),
  tokensPerMinute: fc.constantFrom(0, 0, 6000),
  tokens: fc.nat(300),
  /** How many tokens it has cost, if its response tells. */
  cost: fc.option(fc.nat(600)),
});

/** Counts the waits that have not ended. */
class WatchedTime extends Simulation {
  waiting = 0;

  override async wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.waiting++;
    await super.wait(milliseconds, signal);
    this.waiting--;
  }
}

/** Whatever is asked, refused and stopped: all is sent once or given up, and nothing is left. */
export const flow = property({
  name: 'schedules of requests',
  share: 1,
  inputs: fc.record({ requests: fc.array(request, { maxLength: 25 }), seed: fc.nat() }),
  check: async ({ requests, seed }) => {
    const time = new WatchedTime(seed);
    const queue = new Queue(time);
    const runs = Array.from({ length: 4 }, () => ({}));
    const deployments = [new Concurrency(), new Concurrency()];
    const inFlight = [0, 0];
    let arrivesAt = 0;
    const sent = new Array<number>(requests.length).fill(0);
    const given = await time.until(
      Promise.all(
        requests.map(async (each, index) => {
          const stop = new AbortController();
          arrivesAt += each.after;
          await new Promise<void>((resolve) => time.after(arrivesAt, resolve));
          if (each.givesUpAfter !== null)
            time.after(each.givesUpAfter, () => stop.abort(new Error('given up')));
          const which = each.deployment;
          const deployment = which === undefined ? undefined : deployments[which];
          const asking = { ...each, run: runs[each.run] ?? {}, deployment };
          const turn = await queue.turn(asking, stop.signal).catch((error: unknown) => {
            assert.equal((error as Error).message, 'given up');
          });
          if (!turn) return 'given up';
          assert(!stop.signal.aborted, 'a request was sent that had been given up');
          sent[index] = (sent[index] ?? 0) + 1;
          if (which !== undefined) {
            inFlight[which] = (inFlight[which] ?? 0) + 1;
            assert(inFlight[which] <= 256, 'too many are in flight');
          }
          await new Promise<void>((resolve) => time.after(each.takes, resolve));
          if (which !== undefined) inFlight[which] = (inFlight[which] ?? 0) - 1;
          if (each.cost !== null) turn.cost(each.cost);
          turn.end(each.ending);
          turn.end('answered');
          return 'sent';
        }),
      ),
    );
    given.forEach((what, index) => assert.equal(sent[index], what === 'sent' ? 1 : 0));
    assert(!queue.isBusy, 'somebody is left in the queue');
    assert(
      deployments.every(({ isBusy }) => !isBusy),
      'a place leaks',
    );
    assert.equal(time.waiting, 0, 'a wait outlives its reason');
    for (const { level } of deployments) assert(level >= 1 && level <= 256);
    return given.includes('given up') ? 'refused' : 'accepted';
  },
});

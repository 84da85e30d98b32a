import { Concurrency } from '../../../../../nodes/shared/http/flow/concurrency';
import { Queue, type Asking, type Turn } from '../../../../../nodes/shared/http/flow/queue';
import { sendAll } from '../../../../support/flow';
import { SimulatedDeployment } from '../../../../support/simulatedDeployment';
import { Simulation } from '../../../../support/simulation';

const asking = (more: Partial<Asking> = {}): Asking => ({
  run: {},
  requestsPerMinute: 0,
  tokensPerMinute: 0,
  tokens: 0,
  ...more,
});

/** A queue whose requests note when they start. */
function startQueue() {
  const time = new Simulation();
  const queue = new Queue(time);
  const started: Array<[name: string, at: number]> = [];
  const ask = (name: string, more: Partial<Asking> = {}, signal?: AbortSignal): Promise<Turn> =>
    queue.turn(asking(more), signal).then((turn) => {
      started.push([name, time.elapsed()]);
      return turn;
    });
  /** Makes the queue learn from a refusal, as of a run with a fixed number in flight. */
  const refuse = async (pause?: number) => {
    const turn = await queue.turn(asking());
    await time.passTo(time.elapsed() + 1);
    turn.end({ refused: 429, pause });
  };
  return { time, queue, started, ask, refuse };
}

test('without limits requests start at once, in the order in which they come', async () => {
  const { time, started, ask } = startQueue();
  for (const name of 'abc') void ask(name);
  await time.passTo(0);
  expect(started).toStrictEqual([
    ['a', 0],
    ['b', 0],
    ['c', 0],
  ]);
});

test('a limit that Baseten has told lets so many go at once, and the next a minute later', async () => {
  const { time, queue, started, ask } = startQueue();
  queue.known.tell([{ counts: 'requests', most: 2, milliseconds: 60_000 }]);
  for (const name of 'abc') void ask(name).then((turn) => turn.end('answered'));
  void ask('own', { requestsPerMinute: 600 }).then((turn) => turn.end('answered'));
  await time.passTo(60_001);
  expect(started).toStrictEqual([
    ['a', 0],
    ['b', 0],
    ['own', 0],
    ['c', 60_000],
  ]);
});

test('a request with many tokens does not wait for ever behind many with few', async () => {
  const { time, queue, started, ask } = startQueue();
  queue.known.tell([{ counts: 'tokens', most: 100, milliseconds: 60_000 }]);
  const few = {};
  // Eight in flight for a few seconds each, so that there is never room for 60 tokens at once.
  const taker = async (place: number) => {
    await time.wait(place * 700);
    while (time.elapsed() < 600_000) {
      const turn = await ask('few', { run: few, tokens: 10 });
      await time.wait(5000 + place * 300);
      turn.end('answered');
    }
  };
  for (let place = 0; place < 8; place++) void taker(place);
  await time.passTo(30_000);
  void ask('many', { run: {}, tokens: 60 }).then((turn) => turn.end('answered'));
  await time.passTo(700_000);
  const [, at] = started.find(([name]) => name === 'many') ?? [];
  expect(at).toBeLessThanOrEqual(120_000);
  // Those with few go on behind it.
  expect(started.filter(([name, when]) => name === 'few' && when > 120_000).length).toBeGreaterThan(
    20,
  );
});

test('turns go round between runs, so one request is not behind a thousand', async () => {
  const { time, started, ask } = startQueue();
  const deployment = new Concurrency();
  deployment.level = 1;
  const first = await ask('first', { deployment });
  const many = {};
  for (let each = 0; each < 1000; each++)
    void ask('many', { run: many, deployment }).then((turn) => turn.end('answered'));
  void ask('one', { deployment }).then((turn) => turn.end('answered'));
  first.end('answered');
  await time.passTo(10);
  expect(started.slice(0, 4).map(([name]) => name)).toStrictEqual(['first', 'many', 'one', 'many']);
});

test('a deployment that has enough in flight does not hold up another one', async () => {
  const { time, started, ask } = startQueue();
  const full = new Concurrency();
  full.level = 1;
  void ask('full', { deployment: full });
  void ask('waits', { deployment: full });
  void ask('other', { deployment: new Concurrency() });
  await time.passTo(10);
  expect(started.map(([name]) => name)).toStrictEqual(['full', 'other']);
});

test('two runs at one deployment of 32: each gets a third at least, both together 0.75 of the best', async () => {
  const time = new Simulation();
  const deployment = new SimulatedDeployment(time, { slots: 32, milliseconds: 100, sigma: 0.3 });
  const [queue, level] = [new Queue(time), new Concurrency()];
  const answers = [0, 0];
  let shared: number[] | undefined;
  const run = async (which: 0 | 1) => {
    const items = 2000;
    const onAnswer = () => {
      answers[which]!++;
      // Both have work until one of them has none.
      if (answers[which] === items) shared ??= [...answers];
    };
    return await sendAll({ time, queue, deployment, level, items, onAnswer });
  };
  const [one, other] = await time.until(Promise.all([run(0), run(1)]));
  const [fewest = 0, most = 0] = [...(shared ?? [])].sort((a, b) => a - b);
  expect(fewest / (fewest + most)).toBeGreaterThan(1 / 3);
  const ideal = (4000 * 100 * Math.exp(0.3 ** 2 / 2)) / 32;
  expect(ideal / Math.max(one.took, other.took)).toBeGreaterThan(0.75);
});

test('a run that comes later gets its share of places that another one holds', async () => {
  const time = new Simulation();
  const deployment = new SimulatedDeployment(time, { slots: 8, milliseconds: 100 });
  const [queue, level] = [new Queue(time), new Concurrency()];
  const first = sendAll({ time, queue, deployment, level, items: 2000 });
  await time.passTo(5000);
  const alone = (40 * 100) / 8;
  const late = await time.until(sendAll({ time, queue, deployment, level, items: 40 }));
  expect(late.took).toBeLessThan(alone * 3);
  await time.until(first);
});

describe('a request that gives up', () => {
  test('leaves at once, and nothing of it is left', async () => {
    const { time, queue, ask, refuse } = startQueue();
    await refuse(60_000);
    const stop = new AbortController();
    const waiting = Array.from({ length: 1000 }, () => ask('stopped', {}, stop.signal));
    const failed = Promise.allSettled(waiting);
    await time.passTo(100);
    stop.abort(new Error('stopped by a person'));
    expect((await failed).every(({ status }) => status === 'rejected')).toBe(true);
    expect(queue.isBusy).toBe(false);
    await expect(waiting[0]).rejects.toThrow('stopped by a person');
  });

  test('does not make the next one wait for the turns that it would have had', async () => {
    const { time, started, ask, refuse } = startQueue();
    await refuse();
    const stop = new AbortController();
    for (let each = 0; each < 1000; each++)
      ask('stopped', {}, stop.signal).then(
        (turn) => turn.end('answered'),
        () => undefined,
      );
    await time.passTo(2000);
    stop.abort();
    const at = time.elapsed();
    void ask('next');
    await time.passTo(at + 5000);
    const [, startedAt = Infinity] = started.find(([name]) => name === 'next') ?? [];
    expect(startedAt - at).toBeLessThan(1000);
  });

  test('that was stopped before it came does not enter', async () => {
    const { queue, ask } = startQueue();
    await expect(ask('never', {}, AbortSignal.abort(new Error('too late')))).rejects.toThrow(
      'too late',
    );
    expect(queue.isBusy).toBe(false);
  });
});

describe('limits that the user has set', () => {
  test('requests per minute start evenly spaced', async () => {
    const { time, started, ask } = startQueue();
    const run = {};
    for (const name of 'abcde') void ask(name, { run, requestsPerMinute: 120 });
    await time.passTo(60_000);
    expect(started.map(([, at]) => at)).toStrictEqual([0, 500, 1000, 1500, 2000]);
  });

  test('runs side by side share it, and one without a limit goes first', async () => {
    const { time, started, ask } = startQueue();
    for (const name of 'ab') void ask(name, { requestsPerMinute: 60 });
    for (const name of 'cd') void ask(name, { requestsPerMinute: 60 });
    void ask('free');
    await time.passTo(60_000);
    expect(started).toStrictEqual([
      ['a', 0],
      ['free', 0],
      ['b', 1000],
      ['c', 2000],
      ['d', 3000],
    ]);
  });

  test('tokens per minute take their share of a minute, and are corrected by what was used', async () => {
    const { time, started, ask } = startQueue();
    const limits = { tokensPerMinute: 6000, tokens: 100 };
    const first = await ask('first', limits);
    void ask('second', limits);
    void ask('third', { ...limits, tokens: 500 });
    void ask('fourth', limits);
    await time.passTo(500);
    first.cost(300);
    await time.passTo(60_000);
    expect(started.map(([, at]) => at)).toStrictEqual([0, 3000, 4000, 9000]);
  });
});

describe('what a refusal means', () => {
  const inFlight = async (queue: Queue, deployment: Concurrency, count: number) =>
    await Promise.all(Array.from({ length: count }, () => queue.turn(asking({ deployment }))));

  test('too many at once, if so many were never answered', async () => {
    const { time, queue } = startQueue();
    const deployment = new Concurrency();
    const turns = await inFlight(queue, deployment, 8);
    await time.passTo(10);
    turns[7]?.end({ refused: 429 });
    expect(deployment.level).toBe(6);
    expect(queue.rate.perMinute(10)).toBe(Infinity);
  });

  test('too fast, if as many were in flight before and were answered', async () => {
    const { time, queue } = startQueue();
    const deployment = new Concurrency();
    for (const turn of await inFlight(queue, deployment, 8)) turn.end('answered');
    await time.passTo(10);
    const turns = await inFlight(queue, deployment, 8);
    await time.passTo(20);
    turns[7]?.end({ refused: 429 });
    expect(deployment.level).toBe(8);
    expect(queue.rate.perMinute(20)).toBeLessThan(Infinity);
  });

  test('too fast, if the server asks for a pause of seconds', async () => {
    const { queue } = startQueue();
    const deployment = new Concurrency();
    const turns = await inFlight(queue, deployment, 8);
    turns[7]?.end({ refused: 429, pause: 8000 });
    expect(deployment.level).toBe(8);
    expect(queue.rate.freeAt(0)).toBe(8000);
  });

  test('a 503 is about the deployment alone', async () => {
    const { time, queue } = startQueue();
    const deployment = new Concurrency();
    for (const turn of await inFlight(queue, deployment, 8)) turn.end('answered');
    await time.passTo(10);
    const turns = await inFlight(queue, deployment, 8);
    await time.passTo(20);
    turns[7]?.end({ refused: 503, pause: 8000 });
    expect(deployment.level).toBe(6);
    expect(queue.rate.perMinute(20)).toBe(Infinity);
    expect(queue.rate.freeAt(20)).toBeLessThan(8000);
  });

  test('what a 503 has taught stays known when the rate is limited, too', async () => {
    const { time, queue } = startQueue();
    const deployment = new Concurrency();
    const turns = await inFlight(queue, deployment, 8);
    await time.passTo(10);
    turns[7]?.end({ refused: 503 });
    expect(deployment.level).toBe(6);
    turns[6]?.end({ refused: 429, pause: 8000 });
    expect(deployment.level).toBe(6);
  });

  test.each([429, 503])('a %i of one deployment does not hold up another one', async (refused) => {
    const { time, queue, started, ask } = startQueue();
    const deployment = new Concurrency();
    const turns = await inFlight(queue, deployment, 8);
    await time.passTo(100);
    turns[7]?.end({ refused });
    for (const turn of turns) turn.end('answered');
    void ask('first', { deployment });
    void ask('second', { deployment });
    const other = new Concurrency();
    for (const name of ['other', 'other too']) void ask(name, { deployment: other });
    await time.passTo(110);
    expect(started.map(([name]) => name)).toStrictEqual(['first', 'other', 'other too']);
    await time.passTo(1000);
    expect(started.at(-1)?.[0]).toBe('second');
  });
});

test('a pause that somebody else was asked for holds for those who wait', async () => {
  const { time, started, ask, refuse } = startQueue();
  await refuse(1000);
  void ask('waits');
  await time.passTo(500);
  const { queue } = { queue: started };
  expect(queue).toHaveLength(0);
  await time.passTo(5000);
  expect(started[0]?.[1]).toBeGreaterThanOrEqual(1000);
});

test('a turn ends once, whatever is said afterwards', async () => {
  const { queue } = startQueue();
  const deployment = new Concurrency();
  const turn = await queue.turn(asking({ deployment }));
  turn.end('answered');
  turn.end('unknown');
  turn.end({ refused: 429 });
  expect(deployment.isBusy).toBe(false);
  expect(deployment.level).toBe(8);
});

test('no timer runs while nobody waits', async () => {
  const { time, queue, refuse } = startQueue();
  await refuse(60_000);
  const waited = jest.spyOn(time, 'wait');
  const stop = new AbortController();
  const waiting = queue.turn(asking(), stop.signal);
  await time.passTo(10);
  const [, signal] = waited.mock.calls[0] ?? [];
  expect(signal?.aborted).toBe(false);
  stop.abort();
  await expect(waiting).rejects.toThrow();
  expect(signal?.aborted).toBe(true);
});

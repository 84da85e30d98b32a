import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { GroupCommit, type GroupSettings } from '../../../nodes/BasetenTrigger/groupCommit';
import type { Time } from '../../../nodes/shared/time';
import { randomFrom } from '../../../emulator/models/hash';
import { FakeReply } from '../../support/webhookContext';

/** Lets everything go on that only waits for its turn. */
const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A clock that a test moves. Only the moment in which a group gathers passes by itself. */
function standingTime() {
  let now = 0;
  let waiting: Array<{ until: number; resolve: () => void }> = [];
  const time: Time = {
    now: () => now,
    elapsed: () => now,
    limit: () => new AbortController().signal,
    after: () => () => undefined,
    random: () => 0,
    wait: (milliseconds) =>
      milliseconds < 100
        ? turns()
        : new Promise((resolve) => waiting.push({ until: now + milliseconds, resolve })),
  };
  const pass = (milliseconds: number) => {
    now += milliseconds;
    const due = waiting.filter(({ until }) => until <= now);
    waiting = waiting.filter(({ until }) => until > now);
    for (const { resolve } of due) resolve();
  };
  return { time, pass };
}

interface Arrival {
  requestId: string;
  reply: FakeReply;
  /** Request IDs of the execution that it is to start. */
  starts?: string[];
  /** Whether it left its response behind, as a follower does. */
  follows?: boolean;
}

function setUp() {
  const { time, pass } = standingTime();
  const recorded: string[] = [];
  const made: string[] = [];
  const commits = new GroupCommit(
    (trigger, requestIds) => recorded.push(...requestIds.map((id) => `${trigger}/${id}`)),
    time,
  );
  const join = (
    requestId: string,
    settings: Partial<GroupSettings> = {},
    trigger = 't',
    bytes = 1_000,
  ): Arrival => {
    const arrival: Arrival = { requestId, reply: new FakeReply() };
    const toItem = async () => {
      made.push(requestId);
      return { json: { requestId } };
    };
    const delivery = { requestId, toItem, reply: arrival.reply, bytes };
    void commits
      .join(trigger, delivery, { group: true, maxGroupSize: 100, ...settings })
      .then((deliveries) => {
        if (deliveries)
          arrival.starts = deliveries.map(({ item }) => String([item].flat()[0]?.json.requestId));
        else arrival.follows = true;
      });
    return arrival;
  };
  /** Makes deliveries arrive one after the other. */
  const arrive = async (...deliveries: Parameters<typeof join>[]): Promise<Arrival[]> => {
    const arrivals: Arrival[] = [];
    for (const delivery of deliveries) {
      arrivals.push(join(...delivery));
      await turns();
    }
    return arrivals;
  };
  /** What n8n does when an execution is recorded, or recording has failed. */
  const end = async ({ reply }: Arrival, status = 200) => {
    reply.status(status).json({});
    await turns();
  };
  return {
    join,
    arrive,
    end,
    recorded,
    made,
    pass: async (milliseconds: number) => (pass(milliseconds), await turns()),
    passAtOnce: pass,
  };
}

const statuses = (arrivals: Arrival[]) =>
  arrivals.map(({ reply }) => (reply.headersSent ? reply.statusCode : 'open'));
const starts = (arrivals: Arrival[]) => arrivals.map((arrival) => arrival.starts);

test('a lone delivery starts its execution at once, alone', async () => {
  const { arrive } = setUp();
  expect(starts(await arrive(['a']))).toStrictEqual([['a']]);
});

test('a delivery that comes after the one before was recorded starts its own at once', async () => {
  const { arrive, end } = setUp();
  const [a] = (await arrive(['a'])) as [Arrival];
  await end(a);
  expect(starts(await arrive(['b']))).toStrictEqual([['b']]);
});

test('deliveries that arrive at the same moment start one execution together', async () => {
  const { join } = setUp();
  const arrivals = ['a', 'b', 'c'].map((id) => join(id));
  await turns();
  await turns();
  expect(starts(arrivals)).toStrictEqual([['a', 'b', 'c'], undefined, undefined]);
});

test('a group that is full starts without waiting for more', async () => {
  const { join, arrive } = setUp();
  const arrivals = ['a', 'b', 'c'].map((id) => join(id, { maxGroupSize: 2 }));
  const last = await arrive(['d', { maxGroupSize: 2 }]);
  expect(starts([...arrivals, ...last])).toStrictEqual([
    ['a', 'b'],
    undefined,
    undefined,
    undefined,
  ]);
});

test('an execution has no more than 8 MB, unless a single delivery is larger', async () => {
  const { arrive, end } = setUp();
  const large = (requestId: string, megabytes: number): [string, object, string, number] => [
    requestId,
    {},
    't',
    megabytes * 1_000_000,
  ];
  const arrivals = await arrive(
    ['a'],
    large('b', 3),
    large('c', 5),
    large('d', 1),
    large('e', 90),
    large('f', 1),
  );
  for (const arrival of arrivals) if (arrival.starts) await end(arrival);
  expect(arrivals.flatMap(({ starts: ids }) => (ids ? [ids] : []))).toStrictEqual([
    ['a'],
    ['b', 'c'],
    ['d'],
    ['e'],
    ['f'],
  ]);
});

test('a delivery that does not fit ends the gathering', async () => {
  const { join } = setUp();
  const arrivals = [join('a', {}, 't', 5_000_000), join('b', {}, 't', 5_000_000)];
  // No timer has passed yet.
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  expect(starts(arrivals)).toStrictEqual([['a'], undefined]);
});

test('a stream of deliveries holds a group up for at most 100 ms', async () => {
  const { join, passAtOnce } = setUp();
  const first = join('first', { maxGroupSize: 1_000 });
  let heldUpFor = 0;
  for (; heldUpFor < 200 && !first.starts; heldUpFor++) {
    join(`req-${heldUpFor}`, { maxGroupSize: 1_000 });
    await turns();
    passAtOnce(1);
  }
  // The moment in which it ends counts, too.
  expect(heldUpFor).toBe(101);
});

test('a repeat of a delivery that is being gathered gets its response', async () => {
  const { join, end } = setUp();
  const [a, repeat] = [join('a'), join('a')] as [Arrival, Arrival];
  await turns();
  await end(a);
  expect([a.starts, repeat.starts, statuses([a, repeat])]).toStrictEqual([
    ['a'],
    undefined,
    [200, 200],
  ]);
});

test('deliveries that arrive during a recording start the next execution together', async () => {
  const { arrive, end } = setUp();
  const arrivals = await arrive(['a'], ['b'], ['c'], ['d']);
  const during = starts(arrivals);
  await end(arrivals[0] as Arrival);
  expect([during, starts(arrivals)]).toStrictEqual([
    [['a'], undefined, undefined, undefined],
    [['a'], ['b', 'c', 'd'], undefined, undefined],
  ]);
});

test('followers do not wait inside their requests', async () => {
  const { arrive } = setUp();
  const arrivals = await arrive(['a'], ['b'], ['c']);
  expect(arrivals.map(({ follows }) => follows)).toStrictEqual([undefined, undefined, true]);
});

test('followers get their response only when their own execution is recorded', async () => {
  const { arrive, end } = setUp();
  const arrivals = await arrive(['a'], ['b'], ['c'], ['d']);
  await end(arrivals[0] as Arrival);
  const before = statuses(arrivals);
  await end(arrivals[1] as Arrival);
  expect([before, statuses(arrivals)]).toStrictEqual([
    [200, 'open', 'open', 'open'],
    [200, 200, 200, 200],
  ]);
});

test('n8n itself responds to the leader', async () => {
  const { arrive, end } = setUp();
  const [a, b] = (await arrive(['a'], ['b'], ['c'])) as [Arrival, Arrival];
  await end(a);
  await end(b);
  expect([a.reply.timesSent, b.reply.timesSent]).toStrictEqual([1, 1]);
});

describe('if recording fails', () => {
  test.each([500, 503, 404, 302])(
    'with %i, the next group takes the followers over',
    async (status) => {
      const { arrive, end, recorded } = setUp();
      const arrivals = await arrive(['a'], ['b'], ['c'], ['d']);
      await end(arrivals[0] as Arrival);
      await end(arrivals[1] as Arrival, status);
      const before = statuses(arrivals).slice(2);
      const [e] = (await arrive(['e'])) as [Arrival];
      await end(e);
      expect([before, e.starts, statuses(arrivals).slice(2), recorded]).toStrictEqual([
        ['open', 'open'],
        ['e', 'c', 'd'],
        [200, 200],
        ['t/a', 't/e', 't/c', 't/d'],
      ]);
    },
  );

  test('a group that waits takes them over at once, before its own followers', async () => {
    const { arrive, end } = setUp();
    const three = { maxGroupSize: 3 };
    const arrivals = await arrive(
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id): [string, object] => [id, three]),
    );
    const [a, b, , , e] = arrivals as Arrival[];
    await end(a as Arrival);
    await end(b as Arrival, 500);
    const second = e?.starts;
    await end(e as Arrival);
    const [h] = (await arrive(['h', three])) as [Arrival];
    expect([b?.starts, second, h.starts]).toStrictEqual([
      ['b', 'c', 'd'],
      ['e', 'c', 'd'],
      ['h', 'f', 'g'],
    ]);
  });

  test('again and again, they are taken over again and again, until 9 s after they came', async () => {
    const { arrive, end, pass } = setUp();
    const [a, b, c] = (await arrive(['a'], ['b'], ['c'])) as [Arrival, Arrival, Arrival];
    await end(a);
    await end(b, 500);
    for (let second = 1; second < 9; second++) {
      await pass(1000);
      const [leader] = (await arrive([`leader-${second}`])) as [Arrival];
      expect(leader.starts).toStrictEqual([`leader-${second}`, 'c']);
      await end(leader, 500);
    }
    const before = statuses([c]);
    await pass(1000);
    const [late] = (await arrive(['late'])) as [Arrival];
    expect([before, statuses([c]), late.starts]).toStrictEqual([['open'], [503], ['late']]);
  });

  test('one that got its 503 can start again', async () => {
    const { arrive, end, pass } = setUp();
    const [a, b] = (await arrive(['a'], ['b'], ['c'])) as [Arrival, Arrival];
    await end(a);
    await end(b, 500);
    await pass(9000);
    expect(starts(await arrive(['c']))).toStrictEqual([['c']]);
  });

  test('a repeat of one that was left over starts it, with its own request', async () => {
    const { arrive, end, made } = setUp();
    const [a, b, c] = (await arrive(['a'], ['b'], ['c'])) as [Arrival, Arrival, Arrival];
    await end(a);
    await end(b, 500);
    const [repeat] = (await arrive(['c'])) as [Arrival];
    await end(repeat);
    expect([repeat.starts, statuses([c, repeat]), made]).toStrictEqual([
      ['c'],
      [200, 200],
      ['a', 'b', 'c'],
    ]);
  });

  test('8 MB hold for those that are taken over, too', async () => {
    const { arrive, end } = setUp();
    const large = (requestId: string): [string, object, string, number] => [
      requestId,
      {},
      't',
      5_000_000,
    ];
    const [a, b] = (await arrive(['a'], ['b'], large('c'))) as [Arrival, Arrival];
    await end(a);
    await end(b, 500);
    const [d, e] = (await arrive(large('d'), ['e'])) as [Arrival, Arrival];
    await end(d);
    expect([d.starts, e.starts]).toStrictEqual([['d'], ['e', 'c']]);
  });

  test.each<[string, Partial<GroupSettings>]>([
    ['grouping is off', { group: false }],
    ['a group has one delivery', { maxGroupSize: 1 }],
  ])('and %s, a repeat is told to deliver again at once', async (_, settings) => {
    const { arrive, end } = setUp();
    const [a, repeat] = (await arrive(['a', settings], ['a', settings])) as [Arrival, Arrival];
    await end(a, 500);
    expect(statuses([repeat])).toStrictEqual([503]);
  });

  test("another trigger's groups take nothing over", async () => {
    const { arrive, end } = setUp();
    const [a, b] = (await arrive(['a'], ['b'], ['c'])) as [Arrival, Arrival];
    await end(a);
    await end(b, 500);
    expect(starts(await arrive(['d', {}, 'u']))).toStrictEqual([['d']]);
  });
});

test('a repeat makes no second item, whenever it comes', async () => {
  const { join, arrive, end, made } = setUp();
  const [a] = [join('a'), join('a')] as [Arrival, Arrival];
  await turns();
  await arrive(['a'], ['b'], ['b']);
  await end(a);
  expect(made).toStrictEqual(['a', 'b']);
});

test('what was recorded leaves the memory at once, although timers still run', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { time } = standingTime();
  const commits = new GroupCommit(() => {}, time);
  const join = (requestId: string) => {
    const reply = new FakeReply();
    const item = { json: { requestId } };
    const delivery = { requestId, toItem: async () => item, reply, bytes: 1_000 };
    void commits.join('t', delivery, { group: true, maxGroupSize: 100 });
    return { reply: new WeakRef(reply), item: new WeakRef(item) };
  };
  // A leader, a follower, a repeat, and one that is alone in its group.
  const all = ['a', 'b', 'b'].map(join);
  await turns();
  await turns();
  all.push(join('c'));
  await turns();
  for (const index of [0, 3]) {
    all[index]?.reply.deref()?.json({});
    await turns();
  }
  await turns();
  collect();
  expect(all.flatMap(({ reply, item }) => [reply.deref(), item.deref()])).toStrictEqual(
    Array(8).fill(undefined),
  );
});

test.each([200, 201, 204])('%i counts as recorded', async (status) => {
  const { arrive, end, recorded } = setUp();
  const [a] = (await arrive(['a'])) as [Arrival];
  await end(a, status);
  expect(recorded).toStrictEqual(['t/a']);
});

test('a delivery that was not recorded is not remembered, and can start again', async () => {
  const { arrive, end, recorded } = setUp();
  const arrivals = await arrive(['a'], ['b'], ['c']);
  await end(arrivals[0] as Arrival, 500);
  await end(arrivals[1] as Arrival, 500);
  const again = await arrive(['c'], ['a'], ['b']);
  await end(again[0] as Arrival);
  expect([recorded, starts(again)]).toStrictEqual([['t/c'], [['c'], ['a', 'b'], undefined]]);
});

test('a recording that failed does not hold up the next group', async () => {
  const { arrive, end } = setUp();
  const arrivals = await arrive(['a'], ['b'], ['c']);
  await end(arrivals[0] as Arrival, 500);
  expect(starts(arrivals)[1]).toStrictEqual(['b', 'c']);
});

test('IDs are remembered before any response is sent', async () => {
  const { arrive, end, recorded } = setUp();
  const [a, b, c] = (await arrive(['a'], ['b'], ['c'])) as [Arrival, Arrival, Arrival];
  await end(a);
  let known: string[] = [];
  const json = c.reply.json.bind(c.reply);
  c.reply.json = (body) => {
    known = [...recorded];
    json(body);
  };
  await end(b);
  expect(known).toStrictEqual(['t/a', 't/b', 't/c']);
});

test('full groups are recorded one after the other, each with its own leader', async () => {
  const { arrive, end } = setUp();
  const arrivals = await arrive(
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((id): [string, object] => [id, { maxGroupSize: 2 }]),
  );
  const [a, b, , d, , f] = arrivals as Arrival[];
  const seen: unknown[] = [];
  for (const leader of [a, b, d, f]) {
    seen.push(starts(arrivals).filter(Boolean));
    await end(leader as Arrival);
  }
  const all = [['a'], ['b', 'c'], ['d', 'e'], ['f']];
  expect([seen, statuses(arrivals)]).toStrictEqual([
    [1, 2, 3, 4].map((count) => all.slice(0, count)),
    Array(6).fill(200),
  ]);
});

test('groups of at most one are still recorded in the order of arrival', async () => {
  const { arrive, end } = setUp();
  const arrivals = await arrive(
    ...['a', 'b', 'c'].map((id): [string, object] => [id, { maxGroupSize: 1 }]),
  );
  await end(arrivals[0] as Arrival);
  const second = starts(arrivals);
  await end(arrivals[1] as Arrival);
  expect([second, starts(arrivals)]).toStrictEqual([
    [['a'], ['b'], undefined],
    [['a'], ['b'], ['c']],
  ]);
});

test('a delivery between the end of one group and the start of the next joins the next', async () => {
  const { arrive, join } = setUp();
  const [a, b] = (await arrive(['a'], ['b'])) as [Arrival, Arrival];
  a.reply.json({});
  const c = join('c');
  await turns();
  expect(starts([a, b, c])).toStrictEqual([['a'], ['b', 'c'], undefined]);
});

test('a follower whose response was already sent gets no second one', async () => {
  const { arrive, end } = setUp();
  const [a, b, c, d] = (await arrive(['a'], ['b'], ['c'], ['d'])) as [
    Arrival,
    Arrival,
    Arrival,
    Arrival,
  ];
  c.reply.status(408).json({});
  await end(a);
  await end(b);
  expect([statuses([c, d]), c.reply.timesSent]).toStrictEqual([[408, 200], 1]);
});

test('a leader whose client went away still settles its group, because n8n ends its response', async () => {
  const { arrive } = setUp();
  const [a, b] = (await arrive(['a'], ['b'])) as [Arrival, Arrival];
  // Nothing is sent and no event comes; only end() is called.
  a.reply.end();
  await turns();
  expect(b.starts).toStrictEqual(['b']);
});

test('a response that is ended twice settles its group once', async () => {
  const { arrive, end, recorded } = setUp();
  const arrivals = await arrive(['a'], ['b'], ['c']);
  await end(arrivals[0] as Arrival);
  (arrivals[0] as Arrival).reply.end();
  await turns();
  expect([recorded, starts(arrivals)[2]]).toStrictEqual([['t/a'], undefined]);
});

test('ending a response still ends it, with the same arguments', async () => {
  const { join } = setUp();
  const ended: unknown[][] = [];
  const arrival = join('a');
  await turns();
  const reply = new FakeReply();
  reply.end = (...args: unknown[]) => void ended.push(args);
  const commits = new GroupCommit(() => {}, standingTime().time);
  await commits.join(
    't',
    { requestId: 'b', toItem: async () => ({ json: {} }), reply, bytes: 1_000 },
    { group: true, maxGroupSize: 1 },
  );
  (reply.end as (...args: unknown[]) => void)('body', 'utf8');
  expect([ended, arrival.starts]).toStrictEqual([[['body', 'utf8']], ['a']]);
});

describe('repeats', () => {
  test('of a delivery that is being recorded get its response', async () => {
    const { arrive, end } = setUp();
    const [a, repeat] = (await arrive(['a'], ['a'])) as [Arrival, Arrival];
    const before = statuses([repeat]);
    await end(a);
    expect([before, statuses([repeat]), repeat.starts]).toStrictEqual([['open'], [200], undefined]);
  });

  test('of a delivery that waits get the response of its group, and start nothing', async () => {
    const { arrive, end } = setUp();
    const arrivals = await arrive(['a'], ['b'], ['c'], ['b'], ['c'], ['c']);
    await end(arrivals[0] as Arrival);
    await end(arrivals[1] as Arrival);
    expect([starts(arrivals)[1], statuses(arrivals).slice(3)]).toStrictEqual([
      ['b', 'c'],
      [200, 200, 200],
    ]);
  });

  test('of a delivery whose recording failed wait for the next group, the leader included', async () => {
    const { arrive, end } = setUp();
    const arrivals = await arrive(['a'], ['b'], ['c'], ['b'], ['c'], ['c']);
    await end(arrivals[0] as Arrival);
    await end(arrivals[1] as Arrival, 500);
    const before = statuses(arrivals).slice(3);
    const [d] = (await arrive(['d'])) as [Arrival];
    await end(d);
    expect([before, d.starts, statuses(arrivals).slice(3)]).toStrictEqual([
      ['open', 'open', 'open'],
      ['d', 'b', 'c'],
      [200, 200, 200],
    ]);
  });

  test('in the moment between two groups get the response of theirs', async () => {
    const { arrive, join, end } = setUp();
    const [a, b] = (await arrive(['a'], ['b'])) as [Arrival, Arrival];
    a.reply.json({});
    const repeat = join('b');
    await turns();
    await end(b);
    expect([repeat.starts, statuses([repeat])]).toStrictEqual([undefined, [200]]);
  });

  test("of another trigger's delivery are not repeats", async () => {
    const { arrive } = setUp();
    expect(starts(await arrive(['a'], ['a', {}, 'u']))).toStrictEqual([['a'], ['a']]);
  });
});

describe('a recording without an outcome', () => {
  test('holds up everything for 4.5 s', async () => {
    const { arrive, pass } = setUp();
    const arrivals = await arrive(['a'], ['b'], ['c']);
    await pass(4499);
    expect([starts(arrivals)[1], statuses(arrivals)]).toStrictEqual([
      undefined,
      ['open', 'open', 'open'],
    ]);
  });

  test('is in doubt after 4.5 s: the next group starts', async () => {
    const { arrive, pass } = setUp();
    const arrivals = await arrive(['a'], ['b'], ['c']);
    await pass(4500);
    expect(starts(arrivals)[1]).toStrictEqual(['b', 'c']);
  });

  test('tells its followers to deliver again 9 s after they came, before Baseten gives up', async () => {
    const { arrive, end, pass } = setUp();
    const arrivals = await arrive(['a'], ['b'], ['c']);
    await end(arrivals[0] as Arrival);
    await pass(8999);
    const before = statuses(arrivals);
    await pass(1);
    expect([before, statuses(arrivals)]).toStrictEqual([
      [200, 'open', 'open'],
      [200, 'open', 503],
    ]);
  });

  test('that succeeds by then gives its followers a 200', async () => {
    const { arrive, end, pass } = setUp();
    const arrivals = await arrive(['a'], ['b'], ['c']);
    await end(arrivals[0] as Arrival);
    await pass(8999);
    await end(arrivals[1] as Arrival);
    expect(statuses(arrivals)).toStrictEqual([200, 200, 200]);
  });

  test('holds later repeats for 9 s, tells them to deliver again, and starts nothing for them', async () => {
    const { arrive, pass } = setUp();
    await arrive(['a']);
    await pass(4500);
    const [repeat] = (await arrive(['a'])) as [Arrival];
    await pass(8999);
    const before = statuses([repeat]);
    await pass(1);
    expect([repeat.starts, before, statuses([repeat])]).toStrictEqual([undefined, ['open'], [503]]);
  });

  // A database that answers no more for half a minute, then fails.
  test('that fails in the end was never called recorded, whatever came again meanwhile', async () => {
    const { arrive, end, pass } = setUp();
    const arrivals = await arrive(['a'], ['b']);
    await pass(11_000);
    arrivals.push(...(await arrive(['a'], ['b'])));
    await pass(20_000);
    for (const each of arrivals) if (each.starts) await end(each, 500);
    await pass(9_000);
    expect(statuses(arrivals)).not.toContain(200);
  });

  test('that fails while a repeat is held leaves it to the next group, for as long as it can be held', async () => {
    const { arrive, end, pass } = setUp();
    const [a] = (await arrive(['a'])) as [Arrival];
    await pass(4500);
    const [repeat] = (await arrive(['a'])) as [Arrival];
    await end(a, 500);
    const before = statuses([repeat]);
    await pass(9000);
    expect([before, statuses([repeat])]).toStrictEqual([['open'], [503]]);
  });

  test('is remembered if it succeeds late, and no response is sent twice', async () => {
    const { arrive, end, pass, recorded } = setUp();
    const [a, b, c] = (await arrive(['a'], ['b'], ['c'])) as [Arrival, Arrival, Arrival];
    await end(a);
    await pass(4500);
    await end(b);
    expect([recorded, c.reply.timesSent]).toStrictEqual([['t/a', 't/b', 't/c'], 1]);
  });

  test('that fails late lets its deliveries start again', async () => {
    const { arrive, end, pass, recorded } = setUp();
    const [a] = (await arrive(['a'])) as [Arrival];
    await pass(4500);
    await end(a, 500);
    expect([recorded, starts(await arrive(['a']))]).toStrictEqual([[], [['a']]]);
  });

  test('that ends late does not end the recording of the group after it', async () => {
    const { arrive, end, pass } = setUp();
    const [a, b] = (await arrive(['a'], ['b'])) as [Arrival, Arrival];
    await pass(4500);
    const [c] = (await arrive(['c'])) as [Arrival];
    await end(a);
    expect([b.starts, c.starts]).toStrictEqual([['b'], undefined]);
  });

  test('is forgotten after a minute', async () => {
    const { arrive, pass } = setUp();
    await arrive(['a']);
    await pass(4500);
    await pass(55_499);
    const before = starts(await arrive(['a']));
    await pass(1);
    expect([before, starts(await arrive(['a']))]).toStrictEqual([[undefined], [['a']]]);
  });

  test('lets a new delivery start at once', async () => {
    const { arrive, pass } = setUp();
    await arrive(['a']);
    await pass(4500);
    expect(starts(await arrive(['b']))).toStrictEqual([['b']]);
  });
});

test('two triggers do not wait for each other', async () => {
  const { arrive } = setUp();
  const arrivals = await arrive(['a', {}, 't'], ['b', {}, 'u'], ['c', {}, 't'], ['d', {}, 'u']);
  expect(starts(arrivals)).toStrictEqual([['a'], ['b'], undefined, undefined]);
});

test("the end of one trigger's recording starts nothing of the other's", async () => {
  const { arrive, end } = setUp();
  const arrivals = await arrive(['a', {}, 't'], ['b', {}, 'u'], ['c', {}, 't'], ['d', {}, 'u']);
  await end(arrivals[0] as Arrival);
  expect(starts(arrivals)).toStrictEqual([['a'], ['b'], ['c'], undefined]);
});

describe('without grouping', () => {
  test('each delivery starts its own execution at once', async () => {
    const { arrive } = setUp();
    const arrivals = await arrive(
      ...['a', 'b', 'c'].map((id): [string, object] => [id, { group: false }]),
    );
    expect(starts(arrivals)).toStrictEqual([['a'], ['b'], ['c']]);
  });

  test('a repeat of a delivery that is being recorded still gets its response', async () => {
    const { arrive, end } = setUp();
    const [a, repeat] = (await arrive(['a', { group: false }], ['a', { group: false }])) as [
      Arrival,
      Arrival,
    ];
    await end(a, 500);
    expect([repeat.starts, statuses([repeat])]).toStrictEqual([undefined, [503]]);
  });

  test('a recorded delivery is remembered', async () => {
    const { arrive, end, recorded } = setUp();
    const [a] = (await arrive(['a', { group: false }])) as [Arrival];
    await end(a);
    expect(recorded).toStrictEqual(['t/a']);
  });
});

const SEED = 7;
test.each(Array.from({ length: 200 }, (_, round) => SEED * 1000 + round))(
  'whatever happens in any order, no delivery is stuck, doubled or responded to twice (seed %i)',
  async (seed) => {
    const random = randomFrom(seed);
    const below = (count: number) => Math.floor(random() * count);
    const { join, recorded, passAtOnce } = setUp();
    const maxGroupSize = 1 + below(4);
    const arrivals: Arrival[] = [];
    const ended = new Map<Arrival, number>();
    /** Ends the response of a random leader whose execution was started. */
    const endOne = () => {
      const running = arrivals.filter((arrival) => arrival.starts && !ended.has(arrival));
      const leader = running[below(running.length)];
      if (!leader) return false;
      const status = below(4) === 0 ? 500 : 200;
      ended.set(leader, status);
      leader.reply.status(status).json({});
      return true;
    };
    for (let step = 0; step < 80; step++) {
      const choice = below(20);
      const known = arrivals[below(arrivals.length)]?.requestId;
      // The trigger asks whether an ID is recorded before a delivery joins.
      if (choice < 9) arrivals.push(join(`req-${step}`, { maxGroupSize, group: below(10) > 0 }));
      else if (choice < 12 && known && !recorded.includes(`t/${known}`))
        arrivals.push(join(known, { maxGroupSize }));
      else if (choice < 18) endOne();
      else passAtOnce(below(3000));
      // Between nothing and everything that waits goes on before the next thing happens.
      for (let turn = below(4); turn > 0; turn--) await Promise.resolve();
      if (below(5) === 0) await turns();
    }
    const settle = async () => {
      for (let turn = 0; turn < 5; turn++) await turns();
    };
    await settle();
    while (endOne()) await settle();
    // Those that were left over and that no group has taken over.
    passAtOnce(9000);
    await settle();

    const leaders = arrivals.filter((arrival) => arrival.starts);
    const started = leaders.flatMap((leader) =>
      (leader.starts as string[]).map((id) => ({ id, ok: ended.get(leader) === 200 })),
    );
    const recordedOnce = started.filter(({ ok }) => ok).map(({ id }) => id);
    expect({
      stranded: arrivals.filter(({ starts, follows }) => !starts && !follows).length,
      // One that was left over and that no later group took over.
      neverInAGroup: arrivals.filter(
        ({ requestId, reply }) =>
          reply.statusCode !== 503 && !started.some(({ id }) => id === requestId),
      ).length,
      recordedTwice: recordedOnce.length - new Set(recordedOnce).size,
      forgotten: recordedOnce.filter((id) => !recorded.includes(`t/${id}`)).length,
      tooLarge: leaders.filter(({ starts = [] }) => starts.length > maxGroupSize).length,
      doubledInAGroup: leaders.filter(({ starts = [] }) => new Set(starts).size < starts.length)
        .length,
      notAnsweredOnce: arrivals.filter(({ reply }) => reply.timesSent !== 1).length,
      toldRecordedThoughNot: arrivals.filter(
        ({ reply, requestId }) => reply.statusCode === 200 && !recorded.includes(`t/${requestId}`),
      ).length,
    }).toStrictEqual({
      stranded: 0,
      neverInAGroup: 0,
      recordedTwice: 0,
      forgotten: 0,
      tooLarge: 0,
      doubledInAGroup: 0,
      notAnsweredOnce: 0,
      toldRecordedThoughNot: 0,
    });
  },
);

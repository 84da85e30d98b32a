import { ReceivedIds, type StaticData } from '../../../nodes/BasetenTrigger/receivedIds';

const DAY = 24 * 60 * 60 * 1000;

/** A memory whose clock is moved by hand. */
function memory() {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  return { clock, ids: new ReceivedIds(() => clock.now) };
}
/** Static data as a process leaves it if it received these IDs at this time. */
function stored(at: number, ...requestIds: string[]): StaticData {
  const staticData: StaticData = {};
  new ReceivedIds(() => at).store('t', staticData, requestIds);
  return staticData;
}
/** Which of some IDs are in the static data, as after a restart. */
const knownOf = (requestIds: string[], staticData: StaticData, now: number) =>
  requestIds.filter((id) => new ReceivedIds(() => now).has('t', staticData, id));
const names = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `req-${from + index}`);

test('an ID is known once it was added', () => {
  const { ids } = memory();
  const before = ids.has('t', {}, 'req-1');
  ids.add('t', ['req-1']);
  expect([before, ids.has('t', {}, 'req-1')]).toStrictEqual([false, true]);
});

test('each trigger has its own IDs', () => {
  const { ids } = memory();
  ids.add('t', ['req-1']);
  expect(ids.has('u', {}, 'req-1')).toBe(false);
});

test('an ID in the static data is known, too, as after a restart', () => {
  const { ids, clock } = memory();
  expect(ids.has('t', stored(clock.now - 1, 'req-0', 'req-1'), 'req-1')).toBe(true);
});

test.each([
  ['just under a day', DAY - 1, true],
  ['a day', DAY, false],
])('after %s an ID is known: %s', (_, age, known) => {
  const { ids, clock } = memory();
  ids.add('t', ['req-1']);
  const staticData = stored(clock.now, 'req-2');
  clock.now += age as number;
  expect([ids.has('t', {}, 'req-1'), ids.has('t', staticData, 'req-2')]).toStrictEqual([
    known,
    known,
  ]);
});

test('if more than 20,000 IDs are in memory, the oldest are forgotten', () => {
  const { ids } = memory();
  ids.add('t', names(0, 20_002));
  expect(['req-0', 'req-1', 'req-2', 'req-20001'].map((id) => ids.has('t', {}, id))).toStrictEqual([
    false,
    false,
    true,
    true,
  ]);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  '%s is an ID like any other',
  (id) => {
    const { ids } = memory();
    const staticData: StaticData = {};
    const before = ids.has('t', staticData, id);
    ids.store('t', staticData, [id]);
    const loaded = JSON.parse(JSON.stringify(staticData)) as StaticData;
    expect([before, ids.has('t', loaded, id)]).toStrictEqual([false, true]);
  },
);

test('storing an ID does not make it known in memory, because recording its execution may fail', () => {
  const { ids } = memory();
  ids.store('t', {}, ['req-1']);
  expect(ids.has('t', {}, 'req-1')).toBe(false);
});

test('the IDs that were loaded, that this process knows, and that are about to be recorded are stored', () => {
  const { ids, clock } = memory();
  ids.add('t', ['mine']);
  const staticData = stored(clock.now - 5, 'another');
  clock.now += 10;
  ids.store('t', staticData, ['new']);
  const all = ['another', 'mine', 'new'];
  const later = [-15, -10, 0].map((age) => knownOf(all, staticData, clock.now + age + DAY - 1));
  expect([later, knownOf(all, staticData, clock.now + DAY)]).toStrictEqual([
    [all, ['mine', 'new'], ['new']],
    [],
  ]);
});

test("another trigger's IDs are not stored", () => {
  const { ids } = memory();
  ids.add('u', ['other']);
  const staticData: StaticData = {};
  ids.store('t', staticData, ['new']);
  expect(knownOf(['other', 'new'], staticData, 0)).toStrictEqual(['new']);
});

test('the newest 500 are stored', () => {
  const { ids, clock } = memory();
  for (const name of names(0, 600)) {
    ids.add('t', [name]);
    clock.now++;
  }
  const staticData = stored(clock.now - 10_000, 'old');
  ids.store('t', staticData, ['new']);
  const known = knownOf(['old', ...names(0, 600), 'new'], staticData, clock.now);
  expect([known, staticData.received?.length]).toStrictEqual([
    [...names(101, 600), 'new'],
    500 * 20,
  ]);
});

test('IDs are stored once a second at most; the next time all are there', () => {
  const { ids, clock } = memory();
  const staticData: StaticData = {};
  const changes = names(0, 25).map((name) => {
    const isChanged = ids.store('t', staticData, [name]);
    ids.add('t', [name]);
    clock.now += 100;
    return isChanged;
  });
  const changedAt = changes.flatMap((isChanged, index) => (isChanged ? [index] : []));
  expect([changedAt, knownOf(names(0, 25), staticData, clock.now)]).toStrictEqual([
    [0, 10, 20],
    names(0, 21),
  ]);
});

test('each trigger is stored at its own times', () => {
  const { ids } = memory();
  expect([ids.store('t', {}, ['a']), ids.store('u', {}, ['a'])]).toStrictEqual([true, true]);
});

test('a clock that was set back does not stop IDs from being stored', () => {
  const { ids, clock } = memory();
  ids.store('t', {}, ['a']);
  clock.now -= DAY;
  expect(ids.store('t', {}, ['b'])).toBe(true);
});

test('IDs from before a clock was set back do not keep new ones out, and stay if there is room', () => {
  const { ids, clock } = memory();
  const before = names(0, 500);
  const staticData = stored(clock.now + DAY / 2, ...before);
  ids.store('t', staticData, ['new-1', 'new-2']);
  expect(knownOf(['new-1', 'new-2'], staticData, clock.now)).toStrictEqual(['new-1', 'new-2']);
  expect(knownOf(before, staticData, clock.now)).toHaveLength(498);
});

test('IDs from more than a day ago are not stored', () => {
  const { ids, clock } = memory();
  const staticData = stored(clock.now - DAY + 1, 'young');
  staticData.received += stored(clock.now - DAY, 'old').received ?? '';
  ids.store('t', staticData, []);
  expect([
    knownOf(['young', 'old'], staticData, clock.now),
    staticData.received?.length,
  ]).toStrictEqual([['young'], 20]);
});

test.each([{ 'req-1': 1 }, 'not ours', '!'.repeat(40), ['req-1'], 7, null])(
  'static data with something else in it does no harm: %j',
  (received) => {
    const { ids, clock } = memory();
    const staticData = { received } as unknown as StaticData;
    const before = ids.has('t', staticData, 'req-1');
    ids.store('t', staticData, ['new']);
    expect([
      before,
      ids.has('t', staticData, 'req-1'),
      ids.has('t', staticData, 'new'),
    ]).toStrictEqual([false, false, true]);
    expect(staticData.received).toStrictEqual(stored(clock.now, 'new').received);
  },
);

test('an ID is not found across the border between two others', () => {
  const { ids, clock } = memory();
  const entry = (stored(clock.now, 'req-1').received ?? '').slice(0, 20);
  const shifted = { received: `${'0'.repeat(5)}${entry}${'0'.repeat(15)}` };
  expect([
    ids.has('t', shifted, 'req-1'),
    ids.has('t', { received: shifted.received + entry }, 'req-1'),
  ]).toStrictEqual([false, true]);
});

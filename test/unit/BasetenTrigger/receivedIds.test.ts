import { ReceivedIds, type StaticData } from '../../../nodes/BasetenTrigger/receivedIds';

const DAY = 24 * 60 * 60 * 1000;

/** A memory whose clock is moved by hand. */
function memory() {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  return { clock, ids: new ReceivedIds(() => clock.now) };
}
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `req-${from + index}`);

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

test('an ID in the static data is known too, as after a restart', () => {
  const { ids, clock } = memory();
  expect(ids.has('t', { received: { 'req-1': clock.now - 1 } }, 'req-1')).toBe(true);
});

test.each([
  ['just under a day', DAY - 1, true],
  ['a day', DAY, false],
])('after %s an ID is known: %s', (_, age, known) => {
  const { ids, clock } = memory();
  ids.add('t', ['req-1']);
  const staticData = { received: { 'req-2': clock.now } };
  clock.now += age as number;
  expect([ids.has('t', {}, 'req-1'), ids.has('t', staticData, 'req-2')]).toStrictEqual([known, known]);
});

test('of over 20,000 IDs in memory the oldest are forgotten', () => {
  const { ids } = memory();
  ids.add('t', names(0, 20_002));
  expect(['req-0', 'req-1', 'req-2', 'req-20001'].map((id) => ids.has('t', {}, id))).toStrictEqual([false, false, true, true]);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is an ID like any other', (id) => {
  const { ids } = memory();
  const staticData: StaticData = { received: {} };
  const before = ids.has('t', staticData, id);
  ids.store('t', staticData, [id]);
  const loaded = JSON.parse(JSON.stringify(staticData)) as StaticData;
  expect([before, ids.has('t', loaded, id)]).toStrictEqual([false, true]);
});

test('storing does not make an ID known in memory: its execution may not get recorded', () => {
  const { ids } = memory();
  ids.store('t', {}, ['req-1']);
  expect(ids.has('t', {}, 'req-1')).toBe(false);
});

test('what is stored is what was loaded, what this process knows, and what is about to be recorded', () => {
  const { ids, clock } = memory();
  ids.add('t', ['mine']);
  const staticData: StaticData = { received: { another: clock.now - 5 } };
  clock.now += 10;
  ids.store('t', staticData, ['new']);
  expect(staticData.received).toStrictEqual({ new: clock.now, mine: clock.now - 10, another: clock.now - 15 });
});

test('another trigger\'s IDs are not stored', () => {
  const { ids } = memory();
  ids.add('u', ['other']);
  const staticData: StaticData = {};
  ids.store('t', staticData, ['new']);
  expect(Object.keys(staticData.received ?? {})).toStrictEqual(['new']);
});

test('the newest 500 are stored', () => {
  const { ids, clock } = memory();
  for (const name of names(0, 600)) {
    ids.add('t', [name]);
    clock.now++;
  }
  const staticData: StaticData = { received: { old: clock.now - 10_000 } };
  ids.store('t', staticData, ['new']);
  expect(Object.keys(staticData.received ?? {}).sort()).toStrictEqual([...names(101, 600), 'new'].sort());
});

test('IDs of over a day ago are not stored', () => {
  const { ids, clock } = memory();
  const staticData: StaticData = { received: { old: clock.now - DAY, young: clock.now - DAY + 1 } };
  ids.store('t', staticData, []);
  expect(Object.keys(staticData.received ?? {})).toStrictEqual(['young']);
});

test('static data that somebody else filled with something else does no harm', () => {
  const { ids } = memory();
  const staticData = { received: { 'req-1': 'yesterday', 'req-2': null } } as unknown as StaticData;
  ids.store('t', staticData, ['new']);
  expect([ids.has('t', staticData, 'req-1'), ids.has('t', staticData, 'new')]).toStrictEqual([false, true]);
});

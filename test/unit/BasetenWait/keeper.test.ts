import { AWAKE, nextCommand } from '../../../nodes/BasetenWait/awake';
import { newKeeper, type Keeper, type News, type Sight } from '../../../nodes/BasetenWait/keeper';
import { learn } from '../../../nodes/BasetenWait/learn';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const PARKED: News = { of: 'probe', parent: 'parked', holding: [], last: false };
const WOKEN: News = { of: 'waking', results: {} };

interface Start {
  items?: number;
  stops?: boolean;
  resubmits?: boolean;
}

/** A keeper after some news, all of them at one time. */
function after(keeper: Keeper, news: News[], now = NOW): Keeper {
  return news.reduce((known, each) => learn(known, each, now), keeper);
}

/** A keeper whose requests `r0`, `r1` … are submitted. */
function watching({ items = 1, stops = false, resubmits = false }: Start = {}): Keeper {
  const item = { patience: 120 * MINUTE, resubmits };
  const keeper = newKeeper(
    stops,
    Array.from({ length: items }, () => item),
    NOW,
  );
  const made = Object.fromEntries(
    Array.from({ length: items }, (_, index) => [
      index,
      { requestId: `r${index}`, queueEnd: NOW + 10 * MINUTE },
    ]),
  );
  return after(keeper, [WOKEN, PARKED, { of: 'submit', made, nextAt: NOW }]);
}

/** What it does after it was woken at a time, and learned something. */
function does(keeper: Keeper, news: News[] = [], now = NOW) {
  return nextCommand(after(keeper, [WOKEN, ...news], now), now);
}

const looked = (sight: Sight): News => ({ of: 'look', sights: { 0: sight } });
const LOST: Sight = { see: 'undelivered', status: 'SUCCEEDED', webhook: 'FAILED' };
const result = (item: number, failed = false): News => ({
  of: 'waking',
  results: { [item]: { outcome: '{}', failed } },
});

test('nothing is submitted before the parent is parked', () => {
  const keeper = newKeeper(false, [{ patience: MINUTE, resubmits: false }], NOW);
  expect(does(keeper)).toStrictEqual({ do: 'probe', last: false, patient: true });
  expect(does(keeper, [PARKED])).toStrictEqual({ do: 'submit', items: [0] });
});

test.each(['awake', 'unclear'] as const)(
  'a parent that is %s is asked again, and then taken for what that means',
  (parent) => {
    const said: News = { of: 'probe', parent, holding: [], last: false };
    let keeper = newKeeper(false, [{ patience: MINUTE, resubmits: false }], NOW);
    for (let turn = 1; turn < 10; turn++) {
      keeper = after(keeper, [WOKEN, said]);
      expect(nextCommand(keeper, NOW).do).toBe('park');
    }
    const last = nextCommand(after(keeper, [WOKEN, said]), NOW);
    expect(last).toStrictEqual(
      parent === 'awake' ? { do: 'cancel', items: [] } : { do: 'submit', items: [0] },
    );
  },
);

test('it looks when it is time, and asks the parent what that means', () => {
  const keeper = watching();
  expect(does(keeper)).toStrictEqual({ do: 'park', until: NOW + MINUTE, alarm: false });
  expect(does(keeper, [], NOW + MINUTE)).toStrictEqual({ do: 'look', items: [0] });
  expect(does(keeper, [looked(LOST)], NOW + MINUTE)).toStrictEqual({
    do: 'probe',
    last: false,
    patient: false,
  });
});

test('a lost result is a failure, or is submitted again once', () => {
  const news = [looked(LOST), PARKED];
  expect(does(watching(), news).do).toBe('deliver');
  expect(does(watching({ stops: true }), news)).toMatchObject({ do: 'probe', last: true });
  const again = watching({ resubmits: true });
  expect(does(again, news)).toStrictEqual({ do: 'submit', items: [0] });
  const made = { 0: { requestId: 'r1', queueEnd: 0 } };
  const twice = after(again, [WOKEN, ...news, { of: 'submit', made, nextAt: NOW }]);
  expect(does(twice, news).do).toBe('deliver');
});

test('a result that the parent holds is not lost', () => {
  const holding: News = { of: 'probe', parent: 'parked', holding: [0], last: false };
  expect(does(watching(), [looked(LOST), holding]).do).toBe('park');
});

test.each(['waking', 'gone'] as const)(
  'a result is not lost, and not submitted again, if its parent is %s',
  (parent) => {
    const said: News = { of: 'probe', parent, holding: [], last: false };
    const command = does(watching({ resubmits: true }), [looked(LOST), said]);
    expect(command.do).toBe(parent === 'gone' ? 'cancel' : 'park');
  },
);

test('of an unreachable parent only what Baseten could not deliver is lost', () => {
  const unreachable: News = { of: 'probe', parent: 'unreachable', holding: [], last: false };
  const keeper = { ...watching(), wasParked: false };
  expect(does(keeper, [looked(LOST), unreachable]).do).toBe('deliver');
  const delivered = looked({ ...LOST, webhook: 'SUCCEEDED' });
  expect(does(keeper, [delivered, unreachable]).do).toBe('cancel');
});

test('the status decides when the time is up, and what it was is said', () => {
  const running = looked({ see: 'running', status: 'IN_PROGRESS' });
  const late = NOW + 120 * MINUTE;
  expect(does(watching(), [running, PARKED], late - 1).do).toBe('park');
  const keeper = after(watching(), [WOKEN, running, PARKED], late);
  expect(nextCommand(keeper, late).do).toBe('deliver');
  expect(keeper.items[0]?.settled).toStrictEqual({
    failed: true,
    reason: { why: 'time', last: 'IN_PROGRESS' },
  });
});

test('a request that Baseten does not know is lost at the second look', () => {
  const unknown = looked({ see: 'unknown', words: 'not found', hint: '' });
  const once = after(watching(), [WOKEN, unknown, PARKED]);
  expect(nextCommand(once, NOW).do).toBe('park');
  expect(does(once, [unknown, PARKED]).do).toBe('deliver');
});

test('results are brought together, whatever their order', () => {
  const one = after(watching({ items: 3 }), [result(2), result(0)]);
  expect(nextCommand(one, NOW).do).toBe('park');
  expect(nextCommand(after(one, [result(1)]), NOW)).toStrictEqual({ do: 'deliver' });
});

test('the first failure ends the wait under "stop": the rest is canceled, the parent takes no more', () => {
  const failed = after(watching({ items: 3, stops: true }), [result(1, true)]);
  expect(nextCommand(failed, NOW)).toStrictEqual({ do: 'probe', last: true, patient: false });
  const asked = learn(failed, { of: 'probe', parent: 'parked', holding: [], last: true }, NOW);
  expect(nextCommand(asked, NOW)).toStrictEqual({ do: 'cancel', items: [0, 2] });
  expect(nextCommand(learn(asked, { of: 'cancel' }, NOW), NOW)).toStrictEqual({
    do: 'fail',
    item: 1,
  });
});

test.each([
  ['taken', 'park'],
  ['gone', 'cancel'],
  ['waking', 'park'],
  ['unclear', 'park'],
] as const)('a delivery that is %s leads to "%s"', (answer, command) => {
  const keeper = after(watching(), [result(0), { of: 'deliver', answer }]);
  expect(nextCommand(keeper, NOW).do).toBe(command);
});

test('what can’t be delivered, n8n hands back, but not to a parent that has gone on', () => {
  const refused = after(watching(), [result(0), { of: 'deliver', answer: 'refused' }]);
  expect(nextCommand(refused, NOW)).toStrictEqual({ do: 'probe', last: true, patient: false });
  const said = (parent: 'parked' | 'gone'): News => ({
    of: 'probe',
    parent,
    holding: [],
    last: true,
  });
  expect(nextCommand(learn(refused, said('parked'), NOW), NOW).do).toBe('handBack');
  expect(nextCommand(learn(refused, said('gone'), NOW), NOW).do).toBe('cancel');
});

test('a look at many requests takes several turns', () => {
  const keeper = watching({ items: 100 });
  const late = NOW + MINUTE;
  const first = nextCommand(after(keeper, [WOKEN], late), late);
  expect(first).toMatchObject({ do: 'look', items: Array.from({ length: 45 }, (_, item) => item) });
  const running: Sight = { see: 'running', status: 'QUEUED' };
  const sights = Object.fromEntries(Array.from({ length: 45 }, (_, item) => [item, running]));
  const looking = after(keeper, [WOKEN, { of: 'look', sights }, PARKED], late);
  expect(nextCommand(looking, late)).toMatchObject({ do: 'park', alarm: true });
  expect(does(looking, [], late)).toMatchObject({
    do: 'look',
    items: expect.arrayContaining([45]),
  });
});

test('each line of the table says what it is about', () => {
  expect(new Set(AWAKE.map(({ line }) => line)).size).toBe(AWAKE.length);
});

import { PARENT, Standings, untilTurnOf } from '../../../../nodes/Baseten/waiting/parent';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;

describe('a waking', () => {
  test('is begun only once, until it is known that n8n did not record it', () => {
    const standings = new Standings();
    expect(PARENT[standings.of('w', NOW)].result).toBe('wake');
    standings.wake('w', NOW);
    expect(PARENT[standings.of('w', NOW)].result).toBe('awaitWaking');
    const told: boolean[] = [];
    standings.onRecorded('w', (isRecorded) => told.push(isRecorded));
    standings.recorded('w', false, NOW);
    expect([told, PARENT[standings.of('w', NOW)].result]).toStrictEqual([[false], 'wake']);
  });

  test('that was recorded lets nothing else wake the parent', () => {
    const standings = new Standings();
    standings.wake('w', NOW);
    standings.recorded('w', true, NOW);
    expect(PARENT[standings.of('w', NOW)]).toStrictEqual({
      probe: 'sayGone',
      last: 'sayGone',
      deliver: 'sayTaken',
      result: 'drop',
      part: 'drop',
    });
  });

  test('of which nothing is heard for an hour is forgotten', () => {
    const standings = new Standings();
    standings.wake('w', NOW);
    expect(standings.of('w', NOW + 59 * MINUTE)).toBe('waking');
    expect(standings.of('w', NOW + 60 * MINUTE)).toBe('parked');
  });

  test('of one wait is none of another', () => {
    const standings = new Standings();
    standings.wake('w', NOW);
    expect(standings.of('v', NOW)).toBe('parked');
  });
});

test('a parent whose keeper is about to fail it takes no result any more', () => {
  const standings = new Standings();
  standings.end('w', NOW);
  const line = PARENT[standings.of('w', NOW)];
  expect([line.result, line.part, line.probe]).toStrictEqual(['drop', 'drop', 'sayParked']);
});

test('each item has its turn, the same in all processes', () => {
  const turns = [0, 1, 2].map((item) => (NOW + 777 + untilTurnOf(item, 3, NOW + 777)) % 6000);
  expect(turns).toStrictEqual([0, 2000, 4000]);
});

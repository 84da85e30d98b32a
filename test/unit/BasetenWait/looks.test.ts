import { nextLook } from '../../../nodes/BasetenWait/looks';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const SECOND = 1000;

/** The seconds after the submission at which the status is looked at, within two hours. */
function looksOf(queueEnds: number[]): number[] {
  const looks: number[] = [];
  for (let now = NOW; ;) {
    now = nextLook(NOW, queueEnds, now);
    if (now > NOW + 7200 * SECOND) return looks;
    looks.push((now - NOW) / SECOND);
  }
}

test('it looks rarely, and once when the request must have left the queue', () => {
  expect(looksOf([NOW + 600 * SECOND])).toStrictEqual([
    60, 120, 240, 480, 630, 1260, 2520, 4320, 6120,
  ]);
});

test('a queue of three days adds no look before its end', () => {
  expect(looksOf([NOW + 259_200 * SECOND])).toStrictEqual([
    60, 120, 240, 480, 960, 1920, 3720, 5520,
  ]);
});

test('a queue that is left at once is looked at soon after', () => {
  expect(looksOf([NOW + 10 * SECOND]).slice(0, 3)).toStrictEqual([40, 100, 200]);
});

test('two looks fall into the hour for which Baseten keeps a request', () => {
  const looks = looksOf([]);
  const pauses = looks.map((look, index) => look - (looks[index - 1] ?? 0));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(1800);
});

test('a clock that was set back does not stretch the sleep', () => {
  const before = NOW - 86_400 * SECOND;
  expect(nextLook(NOW, [], before)).toBe(before + 60 * SECOND);
});

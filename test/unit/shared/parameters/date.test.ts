import { readDate } from '../../../../nodes/shared/parameters/date';

const option = { name: 'startTime', label: 'Start Time' };
const read = (value: unknown, zone = 'UTC') => readDate(value, option, zone);
const utc = Date.parse('2026-11-26T09:00:00Z');

test.each([
  ['2026-11-26T09:00:00Z', 'UTC'],
  ['2026-11-26T10:00:00+01:00', 'America/New_York'],
  ['2026-11-26T10:00:00', 'Europe/Berlin'],
  ['2026-11-26 10:00', 'Europe/Berlin'],
  ['2026-11-26T04:00:00.000', 'America/New_York'],
  [utc, 'Europe/Berlin'],
  [String(utc), 'Europe/Berlin'],
  [new Date(utc), 'Europe/Berlin'],
  [{ valueOf: () => utc }, 'Europe/Berlin'],
])('%j in %s is the same moment', (value, zone) => {
  expect(read(value, zone)).toBe(utc);
});

test('a date alone begins at midnight of the zone', () => {
  expect(read('2026-07-01', 'Europe/Berlin')).toBe(Date.parse('2026-06-30T22:00:00Z'));
});

test('the hour after the clock was changed is right', () => {
  expect(read('2026-03-29T03:30:00', 'Europe/Berlin')).toBe(Date.parse('2026-03-29T01:30:00Z'));
});

test.each([undefined, null, '', ' '])('%j is not set', (value) => {
  expect(read(value)).toBeUndefined();
});

test.each(['yesterday', '2026-13-45', true, {}, []])('%j is not a date', (value) => {
  expect(() => read(value)).toThrow("Start Time can't be");
});

import { readRetryAfter } from '../../../../nodes/shared/errors/retryAfter';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const [THEN, LATER] = ['Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:00:09 GMT'];

test.each([
  ['7', 7000],
  [' 7 ', 7000],
  ['1.5', 1500],
  ['0', 0],
  ['1, 1', 1000],
  ['2,5', 2000],
  ['99999999999', 99_999_999_999_000],
])('%s is read as seconds, the first ones if the header came twice', (header, expected) => {
  expect(readRetryAfter({ 'retry-after': header }, NOW)).toBe(expected);
});

test.each([
  LATER,
  `${LATER}, ${LATER}`,
  'Thursday, 01-Jan-26 00:00:09 GMT',
  'Thu Jan  1 00:00:09 2026 GMT',
])('%s is read as a date, the first one if the header came twice', (header) => {
  expect(readRetryAfter({ 'retry-after': header }, NOW)).toBe(9000);
});

test.each([THEN, `${THEN}, ${THEN}`])(
  'a date counts from the date of the response, whatever this machine’s clock says',
  (date) => {
    for (const now of [0, NOW, NOW * 2])
      expect(readRetryAfter({ 'retry-after': LATER, date }, now)).toBe(9000);
  },
);

test('a date that is over means no wait', () => {
  expect(readRetryAfter({ 'retry-after': THEN, date: LATER }, NOW)).toBe(0);
});

test('a date of the response that can’t be read is left aside', () => {
  expect(readRetryAfter({ 'retry-after': LATER, date: 'today' }, NOW)).toBe(9000);
});

test.each(['', 'soon', '-5', '5s', '1e3', '"7"', 'Infinity', '0x10'])(
  '"%s" asks for nothing',
  (header) => expect(readRetryAfter({ 'retry-after': header }, NOW)).toBeUndefined(),
);

test('no header asks for nothing', () => {
  expect(readRetryAfter({}, NOW)).toBeUndefined();
});

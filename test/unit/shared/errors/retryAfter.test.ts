import { readRetryAfter } from '../../../../nodes/shared/errors/retryAfter';

const NOTHING = Buffer.alloc(0);
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
  expect(readRetryAfter({ 'retry-after': header }, NOTHING, NOW)).toBe(expected);
});

test.each([
  LATER,
  `${LATER}, ${LATER}`,
  'Thursday, 01-Jan-26 00:00:09 GMT',
  'Thu Jan  1 00:00:09 2026 GMT',
])('%s is read as a date, the first one if the header came twice', (header) => {
  expect(readRetryAfter({ 'retry-after': header }, NOTHING, NOW)).toBe(9000);
});

test.each([THEN, `${THEN}, ${THEN}`])(
  'a date counts from the date of the response, whatever this machine’s clock says',
  (date) => {
    for (const now of [0, NOW, NOW * 2])
      expect(readRetryAfter({ 'retry-after': LATER, date }, NOTHING, now)).toBe(9000);
  },
);

test('a date that is over means no wait', () => {
  expect(readRetryAfter({ 'retry-after': THEN, date: LATER }, NOTHING, NOW)).toBe(0);
});

test('a date of the response that can’t be read is left aside', () => {
  expect(readRetryAfter({ 'retry-after': LATER, date: 'today' }, NOTHING, NOW)).toBe(9000);
});

test.each(['', 'soon', '-5', '5s', '1e3', '"7"', 'Infinity', '0x10'])(
  '"%s" asks for nothing',
  (header) => expect(readRetryAfter({ 'retry-after': header }, NOTHING, NOW)).toBeUndefined(),
);

test('no header asks for nothing', () => {
  expect(readRetryAfter({}, NOTHING, NOW)).toBeUndefined();
});

describe('the pause in a JSON body', () => {
  const inBody = (text: string, headers = {}) => readRetryAfter(headers, Buffer.from(text), NOW);

  test.each([
    ['{"error":"slow down","retry_after":8}', 8000],
    ['{"retry_after":0.5}', 500],
    ['{"retry_after":"8"}', 8000],
    ['{"retry_after":0}', 0],
  ])('%s counts', (text, expected) => expect(inBody(text)).toBe(expected));

  test.each([
    '{"retry_after":"soon"}',
    '{"retry_after":-5}',
    '{"retry_after":null}',
    '{"retry_after":""}',
    '["retry_after"]',
    'retry_after: 8',
    '{"retry_after":8',
    `{"retry_after":8,"more":"${'x'.repeat(20_000)}"}`,
  ])('%.40s asks for nothing', (text) => expect(inBody(text)).toBeUndefined());

  test('the header goes before it', () => {
    expect(inBody('{"retry_after":8}', { 'retry-after': '3' })).toBe(3000);
  });
});

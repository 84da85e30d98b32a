import { KnownLimits, type KnownLimit } from '../../../../../nodes/shared/http/flow/window';

const requests: KnownLimit = { counts: 'requests', most: 3, milliseconds: 60_000 };
const tokens: KnownLimit = { counts: 'tokens', most: 100, milliseconds: 60_000 };
const NONE = { requests: false, tokens: false };

function limitsOf(...limits: KnownLimit[]): KnownLimits {
  const known = new KnownLimits();
  known.tell(limits);
  return known;
}

test('as many requests as the limit allows go at once, and the next when the first is a minute old', () => {
  const known = limitsOf(requests);
  for (const at of [0, 10, 20]) {
    expect(known.freeAt(at, 0, NONE)).toBe(at);
    known.take(at, 0);
  }
  expect(known.freeAt(30, 0, NONE)).toBe(60_000);
  expect(known.freeAt(60_000, 0, NONE)).toBe(60_000);
  known.take(60_000, 0);
  expect(known.freeAt(60_000, 0, NONE)).toBe(60_010);
});

test('tokens are counted as they were told in the end', () => {
  const known = limitsOf(tokens);
  const tell = known.take(0, 60);
  expect(known.freeAt(1, 60, NONE)).toBe(60_000);
  tell(20);
  expect(known.freeAt(1, 60, NONE)).toBe(1);
  // What is told late changes nothing of the next minute.
  expect(known.freeAt(60_001, 100, NONE)).toBe(60_001);
  tell(500);
  expect(known.freeAt(60_001, 100, NONE)).toBe(60_001);
});

test('a request with more tokens than the limit goes alone', () => {
  const known = limitsOf(tokens);
  expect(known.freeAt(0, 500, NONE)).toBe(0);
  known.take(0, 10);
  known.take(5, 10);
  expect(known.freeAt(6, 500, NONE)).toBe(60_005);
});

test('a limit that the user has set takes the place of its kind alone', () => {
  const known = limitsOf({ ...requests, most: 1 }, { ...tokens, most: 1 });
  known.take(0, 1);
  expect(known.freeAt(1, 1, { requests: true, tokens: false })).toBe(60_000);
  expect(known.freeAt(1, 1, { requests: true, tokens: true })).toBe(1);
});

test('what was sent counts for a limit that has changed', () => {
  const known = limitsOf(requests, tokens);
  for (const at of [0, 10, 20]) known.take(at, 10);
  known.tell([tokens, { ...requests, most: 4 }]);
  expect(known.freeAt(30, 10, NONE)).toBe(30);
  known.take(30, 10);
  expect(known.freeAt(40, 10, NONE)).toBe(60_000);
  known.tell([{ ...tokens, most: 45 }]);
  expect(known.freeAt(40, 10, NONE)).toBe(60_000);
});

test('the same limits again forget nothing, and those that are gone hold nothing up', () => {
  const known = limitsOf({ ...requests, most: 1 });
  known.take(0, 0);
  known.tell([{ ...requests, most: 1 }]);
  expect(known.freeAt(1, 0, NONE)).toBe(60_000);
  known.tell([]);
  expect(known.freeAt(1, 0, NONE)).toBe(1);
});

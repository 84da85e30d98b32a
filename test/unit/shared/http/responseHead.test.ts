import { codingsOf, toHeaders, unpackedHeaders } from '../../../../nodes/shared/http/responseHead';

test('names are in lower case, and several values of a name are joined', () => {
  expect(
    toHeaders([
      ['X-A', '1'],
      ['x-a', '2'],
      ['Set-Cookie', ['a=1', 'b=2']],
      ['Content-Length', 5],
    ]),
  ).toStrictEqual({ 'x-a': '1, 2', 'set-cookie': 'a=1, b=2', 'content-length': '5' });
});

test.each([
  ['application/json, application/json', 'application/json'],
  ['text/plain; charset=utf-8, application/json', 'text/plain; charset=utf-8'],
  ['multipart/form-data; boundary="a, b"', 'multipart/form-data; boundary="a, b"'],
  ['application/json', 'application/json'],
])('of the content type %s the first one counts', (header, expected) => {
  expect(toHeaders([['content-type', header]])).toStrictEqual({ 'content-type': expected });
});

test.each([
  ['gzip', ['gzip']],
  ['GZIP , x-gzip,deflate', ['gzip', 'x-gzip', 'deflate']],
  ['br', ['br']],
  ['gzip, zstd', []],
  ['identity', []],
  ['', []],
])('the codings of "%s" are %j', (header, expected) => {
  expect(codingsOf({ 'content-encoding': header })).toStrictEqual(expected);
});

test('a body without a coding has none', () => {
  expect(codingsOf({})).toStrictEqual([]);
});

test('the headers of an unpacked body do not say how long it was when it was packed', () => {
  const headers = { 'content-encoding': 'gzip', 'content-length': '5', 'x-a': '1' };
  expect(unpackedHeaders(headers)).toStrictEqual({ 'x-a': '1' });
  expect(Object.keys(headers)).toHaveLength(3);
});

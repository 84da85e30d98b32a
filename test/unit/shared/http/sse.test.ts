import { readEvents, type ServerSentEvent } from '../../../../nodes/shared/http/sse';

async function* inChunks(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function eventsOf(...chunks: Array<string | Uint8Array>): Promise<ServerSentEvent[]> {
  const events = [];
  for await (const event of readEvents(inChunks(chunks.map((chunk) => Buffer.from(chunk)))))
    events.push(event);
  return events;
}
const dataOf = async (...chunks: Array<string | Uint8Array>) =>
  (await eventsOf(...chunks)).map(({ data }) => data);

test('events come in order, each ended by a blank line', async () => {
  expect(await eventsOf('data: one\n\nevent: error\ndata: two\n\n')).toStrictEqual([
    { event: 'message', data: 'one' },
    { event: 'error', data: 'two' },
  ]);
});

test('the name of an event holds for that event only', async () => {
  const events = await eventsOf('event: error\n\ndata: x\n\n');
  expect(events).toStrictEqual([{ event: 'message', data: 'x' }]);
});

test.each([
  ['line feeds', '\n'],
  ['carriage returns', '\r'],
  ['both', '\r\n'],
])('lines end with %s, wherever the chunks are cut', async (_name, end) => {
  const text = [': hello', 'data: é1', 'data: 2', '', 'data: 3', '', ''].join(end);
  const bytes = Buffer.from(text);
  for (let at = 0; at <= bytes.length; at++) {
    expect(await dataOf(bytes.subarray(0, at), bytes.subarray(at))).toStrictEqual(['é1\n2', '3']);
  }
  expect(await dataOf(...[...bytes].map((byte) => Uint8Array.of(byte)))).toStrictEqual([
    'é1\n2',
    '3',
  ]);
});

test('one space after the colon is left out, and may be missing', async () => {
  expect(await dataOf('data:a\n\ndata: b\n\ndata:  c\n\n')).toStrictEqual(['a', 'b', ' c']);
});

test('a field without a colon is an empty line of data', async () => {
  expect(await dataOf('data\ndata\n\n')).toStrictEqual(['\n']);
});

test('data may hold colons', async () => {
  expect(await dataOf('data: {"a":"b: c"}\n\n')).toStrictEqual(['{"a":"b: c"}']);
});

test('comments, IDs, retry times and unknown fields are passed over', async () => {
  expect(await dataOf(': ping\n\nid: 7\nretry: 10\nfoo: x\ndata: a\n\n:\n\n')).toStrictEqual(['a']);
});

test('a byte order mark at the start is not part of a name', async () => {
  expect(await dataOf(Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), 'data: a\n\n')).toStrictEqual(
    ['a'],
  );
});

test('a character cut in half is whole again', async () => {
  const fox = Buffer.from('data: 🦊\n\n');
  expect(await dataOf(fox.subarray(0, 8), fox.subarray(8))).toStrictEqual(['🦊']);
});

const LAST = ['data: last', 'data: last\n', 'data: last\r', 'data: last\n\n'];
test.each(LAST)('an event that ends with the body counts: %j', async (end) => {
  expect(await dataOf(`data: first\n\n${end}`)).toStrictEqual(['first', 'last']);
});

test('an empty body has no events', async () => {
  expect(await eventsOf()).toStrictEqual([]);
  expect(await eventsOf('', '\n\n\n')).toStrictEqual([]);
});

test('a line of 4 MB in 40,000 pieces is read in a fraction of a second', async () => {
  const piece = 'x'.repeat(100);
  const start = performance.now();
  const [data = ''] = await dataOf('data:', ...Array.from({ length: 40_000 }, () => piece), '\n\n');
  expect([data.length, performance.now() - start < 5000]).toStrictEqual([4_000_000, true]);
});

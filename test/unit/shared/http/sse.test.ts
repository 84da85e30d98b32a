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

test('a line that is a JSON object by itself is data', async () => {
  expect(await dataOf('data: 1\n\n{"error": "x: y"}\n\n{"error":\n"x"}\n\n')).toStrictEqual([
    '1',
    '{"error": "x: y"}',
  ]);
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

test.each([
  ['JSON', 'data: {"a":1}\ndata: {"b":2}\n\n', ['{"a":1}', '{"b":2}']],
  ['JSON and the end', 'data: {"a":1}\ndata: [DONE]\n\n', ['{"a":1}', '[DONE]']],
  ['JSON and what is not', 'data: {"a":1}\ndata: x\n\n', ['{"a":1}', 'x']],
  ['JSON and blank lines', 'data: {"a":1}\ndata:\ndata: {"b":2}\n\n', ['{"a":1}\n', '{"b":2}']],
  ['JSON over lines', 'data: {\ndata: "a":1\ndata: }\n\n', ['{\n"a":1\n}']],
  ['a list over lines', 'data: [\ndata: 1,\ndata: 2]\n\n', ['[\n1,\n2]']],
  ['text', 'data: one\ndata: two\n\n', ['one\ntwo']],
])('data below each other is one event, or several: %s', async (_name, body, expected) => {
  expect(await dataOf(body)).toStrictEqual(expected);
  const bytes = [...Buffer.from(body)].map((byte) => Uint8Array.of(byte));
  expect(await dataOf(...bytes)).toStrictEqual(expected);
});

test('a name belongs to the data that follows it, if events are parted by one line break', async () => {
  const body = 'event: a\ndata: {}\nevent: error\ndata: {"b":2}\ndata: {"c":3}\n\n';
  expect(await eventsOf(body)).toStrictEqual([
    { event: 'a', data: '{}' },
    { event: 'error', data: '{"b":2}' },
    { event: 'message', data: '{"c":3}' },
  ]);
});

test('a name may come after its data', async () => {
  expect(await eventsOf('data: {}\nevent: error\n\n')).toStrictEqual([
    { event: 'error', data: '{}' },
  ]);
});

test('an event parted by one line break comes when the next one begins', async () => {
  const seen: string[] = [];
  async function* body() {
    yield Buffer.from('data: {"a":1}\n');
    yield Buffer.from('data: {"b":2}\n');
    seen.push('end');
  }
  for await (const { data } of readEvents(body())) seen.push(data);
  expect(seen).toStrictEqual(['{"a":1}', 'end', '{"b":2}']);
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

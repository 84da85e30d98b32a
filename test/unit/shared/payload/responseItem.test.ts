import type { IBinaryData } from 'n8n-workflow';

import {
  isFile,
  toItem,
  type ItemMaking,
  type OutputFormat,
} from '../../../../nodes/shared/payload/responseItem';

const MEGABYTE = 1_000_000;
const head = (type: string | undefined, length?: number) => ({
  status: 200,
  headers: {
    ...(type !== undefined && { 'content-type': type }),
    ...(length !== undefined && { 'content-length': String(length) }),
  },
});

/** n8n's helper, with a store that reads every body to its end and recognises no file type. */
function store() {
  const stored: Array<{ type: string | undefined; bytes: number }> = [];
  const prepareBinaryData = async (
    content: AsyncIterable<Buffer> | Buffer,
    _: unknown,
    type?: string,
  ) => {
    let bytes = 0;
    for await (const chunk of Buffer.isBuffer(content) ? [content] : content) bytes += chunk.length;
    stored.push({ type, bytes });
    return {
      data: '',
      mimeType: type ?? 'text/plain',
      fileExtension: type && 'ext',
    } as IBinaryData;
  };
  return { stored, helpers: { prepareBinaryData } as never };
}

/** A body of so many bytes that records whether its reader is done with it. */
function bodyOf(size: number, { fill = 'a', cutAt = Infinity } = {}) {
  const state = { hasEnded: false };
  async function* body() {
    try {
      for (let sent = 0; sent < size; sent += 50_000) {
        if (sent >= cutAt) throw new Error('cut');
        yield Buffer.alloc(Math.min(50_000, size - sent), fill);
      }
    } finally {
      state.hasEnded = true;
    }
  }
  return { state, body: body() };
}

const making = (helpers: ItemMaking['helpers']) => ({ helpers, subject: 'model x' });
const settings = (format: OutputFormat = 'file') => ({
  format,
  binaryProperty: 'data',
  base64Fields: [],
  base64ToFiles: true,
});

test.each<[OutputFormat, string | undefined, boolean]>([
  ['auto', 'video/mp4', true],
  ['auto', 'application/json', false],
  ['auto', 'text/event-stream', false],
  ['auto', undefined, false],
  ['file', undefined, true],
  ['file', 'application/json', true],
  ['json', 'video/mp4', false],
  ['text', 'video/mp4', false],
  ['auto', 'application/x-ndjson', false],
  ['auto', 'application/xml', false],
  ['auto', 'image/svg+xml', true],
])('format %s, type %s: stored while it is read: %s', (format, type, expected) => {
  expect(isFile(head(type), format)).toBe(expected);
});

test('a file of a known type is stored while it is read', async () => {
  const { stored, helpers } = store();
  const { body, state } = bodyOf(3 * MEGABYTE);
  const item = await toItem({ ...head('video/mp4'), body }, settings('auto'), making(helpers));
  expect(item.binary?.data).toMatchObject({ mimeType: 'video/mp4', fileName: 'data.mp4' });
  expect(stored).toStrictEqual([{ type: 'video/mp4', bytes: 3 * MEGABYTE }]);
  expect(state.hasEnded).toBe(true);
});

test('a small file of unknown length is stored once, as a whole', async () => {
  const { stored, helpers } = store();
  await toItem({ ...head(undefined), body: bodyOf(MEGABYTE).body }, settings(), making(helpers));
  expect(stored).toStrictEqual([{ type: undefined, bytes: MEGABYTE }]);
});

test('if nothing is known about a file, its first bytes are looked at', async () => {
  const { stored, helpers } = store();
  const { body } = bodyOf(2 * MEGABYTE, { fill: '\0' });
  const item = await toItem(
    { ...head('application/octet-stream'), body },
    settings(),
    making(helpers),
  );
  expect(item.binary?.data).toMatchObject({
    mimeType: 'application/octet-stream',
    fileExtension: 'bin',
  });
  expect(stored).toStrictEqual([
    { type: undefined, bytes: 4100 },
    { type: 'application/octet-stream', bytes: 2 * MEGABYTE },
  ]);
});

test('text is recognised if the first bytes end within a character', async () => {
  const { helpers } = store();
  const { body } = bodyOf(2 * MEGABYTE, { fill: 'a€€' });
  const item = await toItem({ ...head(undefined), body }, settings(), making(helpers));
  expect(item.binary?.data).toMatchObject({ mimeType: 'text/plain', fileName: 'data.txt' });
});

test('if the body breaks off, at once or later, there is no file', async () => {
  for (const cutAt of [0, 2 * MEGABYTE]) {
    const { stored, helpers } = store();
    const { body } = bodyOf(3 * MEGABYTE, { cutAt });
    await expect(
      toItem({ ...head('video/mp4'), body }, settings(), making(helpers)),
    ).rejects.toThrow('cut');
    expect(stored).toStrictEqual([]);
  }
});

test('if the store fails before it reads, the body is closed', async () => {
  const { body, state } = bodyOf(3 * MEGABYTE);
  const prepareBinaryData = async () => await Promise.reject(new Error('disk is full'));
  const reading = toItem(
    { ...head('video/mp4'), body },
    settings(),
    making({ prepareBinaryData } as never),
  );
  await expect(reading).rejects.toThrow('disk is full');
  expect(state.hasEnded).toBe(true);
});

test.each<[string, string, OutputFormat]>([
  ['application/xml', '<a/>', 'auto'],
  ['application/atom+xml; charset=utf-8', '<feed/>', 'auto'],
  ['application/yaml', 'a: 1', 'auto'],
  ['application/json', '{"a": 1}', 'text'],
])('%s becomes text', async (type, text, format) => {
  const { helpers } = store();
  const body = Buffer.from(`\ufeff${text}`);
  expect(await toItem({ ...head(type), body }, settings(format), making(helpers))).toStrictEqual({
    json: { output: text },
  });
});

test.each<[string | undefined, string, unknown]>([
  ['application/x-ndjson', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['application/jsonl', '{"a":1}', [{ a: 1 }]],
  ['application/x-ndjson', '', []],
  ['application/json', '{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
  [undefined, '{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
  [undefined, '1\n2', '1\n2'],
])('lines of type %s, %j, become %j', async (type, text, output) => {
  const { helpers } = store();
  const body = Buffer.from(text);
  expect(
    (await toItem({ ...head(type), body }, settings('auto'), making(helpers))).json,
  ).toStrictEqual({ output });
});

test('the server’s name of a file counts, and the user’s before it', async () => {
  const { helpers } = store();
  const { status, headers } = head('image/png');
  const response = {
    status,
    headers: { ...headers, 'content-disposition': 'attachment; filename="a/fox.png"' },
    body: Buffer.from('x'),
  };
  const named = async (fileName?: string) =>
    (await toItem(response, { ...settings(), fileName }, making(helpers))).binary?.data?.fileName;
  expect([await named(), await named('mine.png')]).toStrictEqual(['fox.png', 'mine.png']);
});

test.each<[string, string, string]>([
  ['', 'application/octet-stream', 'data.bin'],
  ['<?xml version="1.0"?><a/>', 'application/xml', 'data.xml'],
  ['<?xml version="1.0"?>\n<svg xmlns="x"/>', 'image/svg+xml', 'data.svg'],
  ['\n<svg/>', 'image/svg+xml', 'data.svg'],
  ['<!DOCTYPE html><p>', 'text/html', 'data.html'],
  ['just text', 'text/plain', 'data.txt'],
  ['a\0b', 'application/octet-stream', 'data.bin'],
])('bytes %j that n8n does not recognise are of type %s', async (text, mimeType, fileName) => {
  const { helpers } = store();
  const { status, headers } = head('application/octet-stream');
  const response = { status, headers, body: Buffer.from(text) };
  expect((await toItem(response, settings(), making(helpers))).binary?.data).toMatchObject({
    mimeType,
    fileName,
  });
});

test('with status and headers, the response is under body', async () => {
  const { helpers } = store();
  const full = async (type: string | undefined, text: string, format: OutputFormat = 'auto') => {
    const response = { ...head(type), body: Buffer.from(text) };
    const chosen = { ...settings(format), base64Fields: ['image'], fullResponse: true };
    return await toItem(response, chosen, making(helpers));
  };
  const headers = { 'content-type': 'application/json' };
  expect(await full('application/json', '[1]')).toEqual({
    json: { headers, statusCode: 200, body: [1] },
  });
  expect((await full('text/plain', 'a')).json).toMatchObject({ statusCode: 200, body: 'a' });
  expect((await full(undefined, '')).json).toEqual({
    headers: {},
    statusCode: 200,
    body: {},
  });
  const file = await full('image/png', 'x');
  expect([Object.keys(file.json), Object.keys(file.binary ?? {})]).toStrictEqual([
    ['headers', 'statusCode'],
    ['data'],
  ]);
  const moved = await full('application/json', '{"image":"aGk=","a":1}');
  expect([moved.json.body, Object.keys(moved.binary ?? {})]).toEqual([
    { image: { file: 'image' }, a: 1 },
    ['image'],
  ]);
});

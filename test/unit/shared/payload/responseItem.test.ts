import type { IBinaryData } from 'n8n-workflow';

import {
  isLargeFile,
  toItem,
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

const settings = (format: OutputFormat = 'file') => ({
  format,
  binaryProperty: 'data',
  base64Fields: [],
});

test.each<[OutputFormat, string | undefined, number | undefined, boolean]>([
  ['auto', 'video/mp4', undefined, true],
  ['auto', 'video/mp4', 2 * MEGABYTE, true],
  ['auto', 'video/mp4', MEGABYTE, false],
  ['auto', 'application/json', undefined, false],
  ['auto', 'text/event-stream', undefined, false],
  ['auto', undefined, undefined, false],
  ['file', undefined, undefined, true],
  ['file', 'application/json', 2 * MEGABYTE, true],
  ['json', 'video/mp4', 2 * MEGABYTE, false],
  ['text', 'video/mp4', 2 * MEGABYTE, false],
])(
  'format %s, type %s, %s bytes: stored while it is read: %s',
  (format, type, length, expected) => {
    expect(isLargeFile(head(type, length), format)).toBe(expected);
  },
);

test('a file of a known type is stored while it is read', async () => {
  const { stored, helpers } = store();
  const { body, state } = bodyOf(3 * MEGABYTE);
  const item = await toItem({ ...head('video/mp4'), body }, settings('auto'), helpers, 'model x');
  expect(item.binary?.data).toMatchObject({ mimeType: 'video/mp4', fileName: 'data.ext' });
  expect(stored).toStrictEqual([{ type: 'video/mp4', bytes: 3 * MEGABYTE }]);
  expect(state.hasEnded).toBe(true);
});

test('a small file of unknown length is stored once, as a whole', async () => {
  const { stored, helpers } = store();
  await toItem({ ...head(undefined), body: bodyOf(MEGABYTE).body }, settings(), helpers, 'model x');
  expect(stored).toStrictEqual([{ type: undefined, bytes: MEGABYTE }]);
});

test('if nothing is known about a file, its first bytes are looked at', async () => {
  const { stored, helpers } = store();
  const { body } = bodyOf(2 * MEGABYTE, { fill: '\0' });
  const item = await toItem(
    { ...head('application/octet-stream'), body },
    settings(),
    helpers,
    'model x',
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
  const item = await toItem({ ...head(undefined), body }, settings(), helpers, 'model x');
  expect(item.binary?.data).toMatchObject({ mimeType: 'text/plain', fileName: 'data.txt' });
});

test('if the body breaks off, at once or later, there is no file', async () => {
  for (const cutAt of [0, 2 * MEGABYTE]) {
    const { stored, helpers } = store();
    const { body } = bodyOf(3 * MEGABYTE, { cutAt });
    await expect(
      toItem({ ...head('video/mp4'), body }, settings(), helpers, 'model x'),
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
    { prepareBinaryData } as never,
    'model x',
  );
  await expect(reading).rejects.toThrow('disk is full');
  expect(state.hasEnded).toBe(true);
});

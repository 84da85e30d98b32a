import { Readable } from 'node:stream';

import type { Body } from '../../../../nodes/shared/http/client';
import { multipartBody } from '../../../../nodes/shared/payload/form';
import { closeBody, type Upload } from '../../../../nodes/shared/payload/requestBody';

const upload = (content: Upload['content'], fileName?: string, mimeType = 'audio/wav'): Upload => ({
  content,
  mimeType,
  fileName,
});

async function read(body: Body): Promise<Buffer> {
  if (Buffer.isBuffer(body.content)) return body.content;
  const chunks: Uint8Array[] = [];
  for await (const chunk of await body.content.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a form with files in n8n’s store', () => {
  const files = {
    first: Buffer.from('first\r\nfile'),
    second: Buffer.alloc(100_000, 'second'),
  };
  const stored = (content: Buffer) => {
    const close = jest.fn();
    const open = async () => Readable.from([content.subarray(0, 3), content.subarray(3)]);
    return { length: content.length, open, close };
  };
  const fields = [{ name: 'a "field"', value: 'line\nbreak' }];
  const form = async (wrap: (content: Buffer) => Upload['content']) =>
    await multipartBody(fields, [
      { path: 'one', file: upload(wrap(files.first), 'naïve "file"\n.wav') },
      { path: 'two', file: upload(Buffer.from('in memory')) },
      { path: 'three', file: upload(wrap(files.second)) },
    ]);
  const withoutBoundary = ({ contentType }: Body, bytes: Buffer) =>
    bytes.toString('latin1').replaceAll(String(/boundary=(.*)/.exec(contentType)?.[1]), 'boundary');

  test('is sent with the same bytes as one with files in memory', async () => {
    const streamed = await form(stored);
    const held = await form((content) => content);
    expect(Buffer.isBuffer(held.content)).toBe(true);
    expect(Buffer.isBuffer(streamed.content)).toBe(false);
    expect(withoutBoundary(streamed, await read(streamed))).toBe(
      withoutBoundary(held, await read(held)),
    );
  });

  test('knows its length, and can be read again', async () => {
    const body = await form(stored);
    expect((await read(body)).length).toBe(body.content.length);
    expect((await read(body)).length).toBe(body.content.length);
  });

  test('closes its files', async () => {
    const content = stored(files.first);
    closeBody(await multipartBody([], [{ path: 'one', file: upload(content) }]));
    expect(content.close).toHaveBeenCalledTimes(1);
  });
});

test.each<[string, string | undefined, string, string]>([
  ['none', undefined, 'audio/wav', 'clip.wav'],
  ['an empty one', '', 'image/jpeg', 'clip.jpg'],
  ['none, and no type', undefined, '', 'clip.bin'],
  ['one with a path', '/tmp/a\\b.wav', 'audio/wav', 'b.wav'],
  ['one with quotes', 'a "b".wav', 'audio/wav', 'a %22b%22.wav'],
  ['one that is not ASCII', 'naïve 👋.wav', 'audio/wav', 'naïve 👋.wav'],
  ['half an emoji', 'a\ud83d.wav', 'audio/wav', 'a\ufffd.wav'],
])('a file whose name is %s', async (_, fileName, type, expected) => {
  const body = await multipartBody(
    [],
    [{ path: 'clip', file: upload(Buffer.from('RIFF'), fileName, type) }],
  );
  expect((await read(body)).toString()).toContain(
    `Content-Disposition: form-data; name="clip"; filename="${expected}"\r\n` +
      `Content-Type: ${type || 'application/octet-stream'}\r\n\r\nRIFF`,
  );
});

test.each(['', ' '])('a file at path %j is refused', async (path) => {
  await expect(multipartBody([], [{ path, file: upload(Buffer.from('x')) }])).rejects.toThrow(
    'A file has no path',
  );
});

test('a name that is given twice makes two fields', async () => {
  const body = await multipartBody(
    [
      { name: 'tag', value: 'a' },
      { name: 'tag', value: { cut: '\ud83d' } },
    ],
    [],
  );
  const text = (await read(body)).toString();
  expect(text).toContain('name="tag"\r\n\r\na\r\n');
  expect(text).toContain('name="tag"\r\n\r\n{"cut":"\\ufffd"}\r\n');
});

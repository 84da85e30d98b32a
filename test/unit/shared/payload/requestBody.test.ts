import { Readable } from 'node:stream';

import type { Body } from '../../../../nodes/shared/http/client';
import {
  closeBody,
  multipartBody,
  nestFields,
  withFiles,
  type Upload,
} from '../../../../nodes/shared/payload/requestBody';

test('putting files into an input does not change the input itself', () => {
  const input = { nested: { a: 1 } };
  withFiles(input, [{ path: 'nested.file', file: { content: Buffer.from('x'), mimeType: '' } }]);
  expect(input).toStrictEqual({ nested: { a: 1 } });
});

test('fields without a name are left out', () => {
  expect(
    nestFields([
      { name: ' ', value: 1 },
      { name: 'a', value: null },
    ]),
  ).toStrictEqual({ a: null });
});

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
  const upload = (content: Upload['content'], fileName?: string): Upload => ({
    content,
    mimeType: 'audio/wav',
    fileName,
  });
  const fields = [{ name: 'a "field"', value: 'line\nbreak' }];
  const form = async (wrap: (content: Buffer) => Upload['content']) =>
    await multipartBody(fields, [
      { path: 'one', file: upload(wrap(files.first), 'naïve "file"\n.wav') },
      { path: 'two', file: upload(Buffer.from('in memory')) },
      { path: 'three', file: upload(wrap(files.second)) },
    ]);

  async function read(body: Body): Promise<Buffer> {
    if (Buffer.isBuffer(body.content)) return body.content;
    const chunks: Uint8Array[] = [];
    for await (const chunk of await body.content.open()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
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

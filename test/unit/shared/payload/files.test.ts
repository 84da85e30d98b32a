import { createReadStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { storable, storedFile } from '../../../../nodes/shared/payload/files';

type Events = ReturnType<typeof storable> & NodeJS.ReadableStream;

async function* pieces(...texts: Array<string | Error>): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield Buffer.from(text);
  }
}

/** Listens for a stream's events as a store does. @returns the events, until the last one */
async function heard(stream: Events): Promise<string[]> {
  const events: string[] = [];
  await new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => events.push(chunk.toString()));
    stream.once('end', () => events.push('end'));
    stream.once('error', (error: Error) => events.push(`error ${error.message}`));
    stream.once('close', resolve);
  });
  return events;
}

test('a store that listens for events gets each piece and the end', async () => {
  expect(await heard(storable(pieces('a', 'b')) as Events)).toStrictEqual(['a', 'b', 'end']);
});

test('a store that listens for events gets an error and no end if the body breaks off', async () => {
  expect(await heard(storable(pieces('a', new Error('cut'))) as Events)).toStrictEqual([
    'a',
    'error cut',
  ]);
});

test('a store that stops listening gets no more events', async () => {
  const stream = storable(pieces('a', 'b')) as Events;
  const events: string[] = [];
  const once = (chunk: Buffer) => {
    events.push(chunk.toString());
    stream.off('data', once);
  };
  stream.on('data', once);
  await new Promise((resolve) => stream.once('close', resolve));
  expect(events).toStrictEqual(['a']);
});

test('a store that iterates gets each piece, and the error if the body breaks off', async () => {
  const texts: string[] = [];
  const read = async () => {
    for await (const chunk of storable(pieces('a', new Error('cut'))) as Events)
      texts.push(String(chunk));
  };
  await expect(read()).rejects.toThrow('cut');
  expect(texts).toStrictEqual(['a']);
});

test('a store that gives up ends the body', async () => {
  let hasEnded = false;
  async function* body() {
    try {
      yield Buffer.from('a');
      yield Buffer.from('b');
    } finally {
      hasEnded = true;
    }
  }
  const stream = storable(body()) as Events & { destroy(): void };
  await stream[Symbol.asyncIterator]().next();
  stream.destroy();
  await new Promise(setImmediate);
  expect(hasEnded).toBe(true);
});

describe('a stored file', () => {
  /** A store in which a file has other bytes than it says. */
  const stored = (fileSize: number, ...chunks: string[]) => {
    const opened: Readable[] = [];
    const helpers = {
      getBinaryMetadata: async () => ({ fileSize }),
      getBinaryStream: async () => {
        const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
        opened.push(stream);
        return stream;
      },
    };
    return { opened, helpers: helpers as never };
  };
  const readAll = async (chunks: AsyncIterable<Uint8Array>) => {
    const read: Uint8Array[] = [];
    for await (const chunk of chunks) read.push(chunk);
    return Buffer.concat(read).toString();
  };

  test('knows its size, and is opened again for each attempt', async () => {
    const { opened, helpers } = stored(7, 'one', 'four');
    const file = await storedFile(helpers, 'filesystem-v2:x', 'clip');
    expect(file.length).toBe(7);
    expect(await readAll(await file.open())).toBe('onefour');
    await file.open();
    file.close();
    expect(opened.map(({ destroyed }) => destroyed)).toStrictEqual([true, true]);
  });

  test.each<[string, number, string]>([
    ['shorter', 8, 'It has 7 bytes there and should have 8.'],
    ['longer', 5, 'It has more bytes there and should have 5.'],
    ['not empty', 0, 'It has more bytes there and should have 0.'],
  ])('that is %s than it should be is an error that names it', async (_, size, hint) => {
    const file = await storedFile(stored(size, 'one', 'four').helpers, 'filesystem-v2:x', 'clip');
    await expect(readAll(await file.open())).rejects.toMatchObject({
      name: 'UserInputError',
      message: `The file in "clip" was changed in n8n's store`,
      hint: expect.stringContaining(hint) as string,
    });
  });

  test('of a file on disk is watched, too', async () => {
    const path = join(tmpdir(), `stored-${process.pid}`);
    await writeFile(path, 'four');
    const helpers = {
      getBinaryMetadata: async () => ({ fileSize: 5 }),
      getBinaryStream: async () => createReadStream(path),
    };
    const file = await storedFile(helpers as never, 'filesystem-v2:x', 'clip');
    await expect(readAll(await file.open())).rejects.toThrow('was changed');
    await rm(path);
  });
});

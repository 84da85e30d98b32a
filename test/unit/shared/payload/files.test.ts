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

test('a stored file knows its size, and is opened again for each attempt', async () => {
  const opened: Array<{ id: string; destroy: jest.Mock }> = [];
  const helpers = {
    getBinaryMetadata: async () => ({ fileSize: 7 }),
    getBinaryStream: async (id: string) => {
      const stream = { id, destroy: jest.fn() };
      opened.push(stream);
      return stream;
    },
  };
  const file = await storedFile(helpers as never, 'filesystem-v2:x');
  expect(file.length).toBe(7);
  await file.open();
  await file.open();
  expect(opened.map(({ id }) => id)).toStrictEqual(['filesystem-v2:x', 'filesystem-v2:x']);
  file.close();
  expect(opened.every(({ destroy }) => destroy.mock.calls.length === 1)).toBe(true);
});

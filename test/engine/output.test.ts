import { Readable } from 'node:stream';

import { MODEL_IDS, bytes, json } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId, echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';
import { storedFiles, useFileStore } from '../support/fileStore';

const emulator = useEmulator();
const run = async (parameters: Parameters<typeof echo>[0]) =>
  await runBaseten({ credential: credentialFor(emulator()), parameters: echo(parameters) });
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Makes a model that always sends this response, and calls it. */
async function responding(
  response: ReturnType<typeof json>,
  parameters: Parameters<typeof echo>[0] = {},
) {
  emulator().addModel({ kind: 'model', id: 'fixed001', name: 'Fixed', handler: () => response });
  return await run({ modelId: byId('fixed001'), ...parameters });
}

test('auto: a JSON object becomes the item, a list or a value goes under output', async () => {
  expect((await responding(json({ a: 1 }))).items[0]?.json).toStrictEqual({ a: 1 });
  expect((await responding(json([1, 2]))).items[0]?.json).toStrictEqual({ output: [1, 2] });
  expect((await responding(json('hello'))).items[0]?.json).toStrictEqual({ output: 'hello' });
  expect((await responding(json(null))).items[0]?.json).toStrictEqual({ output: null });
});

test('auto: text goes under output', async () => {
  const { items } = await responding(bytes(Buffer.from('Grüße'), 'text/plain; charset=utf-8'));
  expect(items[0]?.json).toStrictEqual({ output: 'Grüße' });
});

test('auto: anything else becomes a file with its type, extension and name', async () => {
  const { items } = await responding(bytes(PNG, 'image/png'), { outputBinaryProperty: 'image' });
  expect(items[0]?.binary?.image).toMatchObject({
    mimeType: 'image/png',
    fileExtension: 'png',
    fileName: 'image.png',
    fileType: 'image',
    data: PNG.toString('base64'),
  });
});

test('auto: the type of bytes without a specific type is found in their content', async () => {
  const png = await responding(bytes(PNG, 'application/octet-stream'));
  expect(png.items[0]?.binary?.data).toMatchObject({ mimeType: 'image/png', fileName: 'data.png' });
  const unknown = await responding(bytes(Buffer.from([0, 1, 2, 255]), 'application/octet-stream'));
  expect(unknown.items[0]?.binary?.data).toMatchObject({
    mimeType: 'application/octet-stream',
    fileName: 'data.bin',
  });
});

test('an empty response becomes an item without fields', async () => {
  expect((await responding({ status: 204, body: '' })).items).toMatchObject([{ json: {} }]);
});

test('json: JSON is read even if its type says that it is bytes', async () => {
  const response = bytes(Buffer.from('{"a":1}'), 'application/octet-stream');
  expect((await responding(response, { outputFormat: 'json' })).items[0]?.json).toStrictEqual({
    a: 1,
  });
});

test('text and file: any response is output as it came', async () => {
  const text = await responding(json({ a: 1 }), { outputFormat: 'text' });
  expect(text.items[0]?.json).toStrictEqual({ output: '{"a":1}' });
  const file = await responding(json({ a: 1 }), { outputFormat: 'file' });
  expect(file.items[0]?.binary?.data).toMatchObject({
    mimeType: 'application/json',
    fileName: 'data.json',
  });
});

test('json: JSON that was cut off is an error that shows its beginning', async () => {
  emulator().faults.add({ kind: 'invalidJson' });
  const { error } = await run({ options: { maxRetries: 0 } });
  expect(error?.message).toBe(`The response of model ${MODEL_IDS.echo} is not complete JSON`);
  expect(error?.description).toContain('It starts with:');
});

test('base64 fields and data URLs become binary data with the type of their bytes', async () => {
  const response = json({
    images: [{ b64: PNG.toString('base64') }],
    audio: `data:audio/wav;base64,${Buffer.from('RIFF').toString('base64')}`,
    seed: 7,
  });
  const { items } = await responding(response, {
    base64Fields: 'images.0.b64, audio, missing.field',
  });
  expect(items[0]?.json).toEqual({ images: [{}], seed: 7 });
  expect(items[0]?.binary?.b64).toMatchObject({ mimeType: 'image/png', fileName: 'b64.png' });
  expect(items[0]?.binary?.audio).toMatchObject({ mimeType: 'audio/wav', fileName: 'audio.wav' });
});

test('base64 fields of a list are found by their path in the response', async () => {
  const { items } = await responding(json([{ image: PNG.toString('base64') }]), {
    base64Fields: '0.image',
  });
  expect(items).toMatchObject([
    { json: { output: [{}] }, binary: { image: { mimeType: 'image/png' } } },
  ]);
});

test('the error names a base64 field that contains something else', async () => {
  const { error } = await responding(json({ image: 'no base64!' }), { base64Fields: 'image' });
  expect(error?.message).toBe('The field "image" does not hold base64 text');
});

test('routes: method, encoded path, query and body reach the model’s server', async () => {
  const parameters = {
    operation: 'callRoute',
    method: 'PUT',
    route: '/items/a b?x=1',
    queryParameters: {
      parameter: [
        { name: 'y', value: 'ä&b' },
        { name: 'z', value: '={{ 3 }}' },
      ],
    },
    inputMode: 'json',
    input: '{"name":"n"}',
  };
  const { items } = await run(parameters);
  expect(items[0]?.json).toStrictEqual({
    id: 'a b',
    method: 'PUT',
    query: { x: '1', y: 'ä&b', z: '3' },
    body: { name: 'n' },
  });
  expect(emulator().requests[0]?.path).toBe(
    `/model-${MODEL_IDS.echo}/environments/production/sync/items/a%20b`,
  );
});

test('routes: GET sends no body, and neither does POST with an empty input', async () => {
  await run({ operation: 'callRoute', route: 'health' });
  await run({ operation: 'callRoute', method: 'POST', route: '/echo', input: '' });
  expect(emulator().requests.map(({ method, rawBody }) => [method, rawBody.length])).toStrictEqual([
    ['GET', 0],
    ['POST', 0],
  ]);
});

test('routes: a file is put into JSON that was left empty', async () => {
  await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({
      operation: 'callRoute',
      method: '={{ "post" }}',
      route: '/echo',
      input: '',
      files: { file: [{ path: 'image', binaryPropertyName: 'photo' }] },
    }),
    items: [binaryItem('photo', PNG, 'image/png')],
  });
  expect(emulator().requests[0]?.json()).toStrictEqual({ image: PNG.toString('base64') });
});

test('routes: every target is reached', async () => {
  const targets = [
    { target: 'environment', environment: byId('staging') },
    { target: 'development' },
    { target: 'regional', environment: byId('prod-us') },
  ];
  for (const target of targets) await run({ operation: 'callRoute', route: '/health', ...target });
  expect(emulator().requests.map(({ path, status }) => [path, status])).toStrictEqual([
    [`/model-${MODEL_IDS.echo}/environments/staging/sync/health`, 200],
    [`/model-${MODEL_IDS.echo}/development/sync/health`, 200],
    [`/model-${MODEL_IDS.echo}-prod-us/sync/health`, 200],
  ]);
});

test('a redirect is not followed, so that the key is sent to no other host', async () => {
  emulator().faults.add({
    kind: 'status',
    status: 307,
    headers: { location: 'http://127.0.0.1:9/elsewhere' },
  });
  const { error } = await run({ operation: 'callRoute', route: '/items' });
  expect(error?.message).toContain('responded with a redirect (307)');
  expect(emulator().requests).toHaveLength(1);
});

describe('with binary data in files', () => {
  const folder = useFileStore();
  const SIZE = 3_000_000;
  const start = Buffer.concat([PNG, Buffer.alloc(50_000 - PNG.length, 1)]);

  /** A response that comes in pieces. @param cutAt bytes after which it breaks off */
  const inPieces = (type: string, cutAt = Infinity): ReturnType<typeof json> => ({
    headers: { 'content-type': type },
    body: Readable.from(
      (async function* () {
        yield start;
        for (let sent = start.length; sent < SIZE; sent += 50_000) {
          if (sent >= cutAt) throw new Error('the model fails');
          yield Buffer.alloc(50_000, 1);
        }
      })(),
      { objectMode: false },
    ),
  });

  test('a large file is stored as a whole, with its type, name and size', async () => {
    const { items } = await responding(inPieces('video/mp4'));
    expect(items[0]?.binary?.data).toMatchObject({
      mimeType: 'video/mp4',
      fileType: 'video',
      fileExtension: 'mp4',
      fileName: 'data.mp4',
      fileSize: '3 MB',
    });
    const [file] = await storedFiles(folder());
    expect(file?.length).toBe(SIZE);
    expect(file?.subarray(0, start.length).equals(start)).toBe(true);
  });

  test('the type of a large file without a specific type is found in its first bytes', async () => {
    const { items } = await responding(inPieces('application/octet-stream'));
    expect(items[0]?.binary?.data).toMatchObject({
      mimeType: 'image/png',
      fileName: 'data.png',
      fileSize: '3 MB',
    });
  });

  test('a file that breaks off is an error, and nothing of it is stored', async () => {
    const { items, error } = await responding(inPieces('video/mp4', 2_000_000));
    expect(items).toStrictEqual([]);
    expect(error?.message).toContain('127.0.0.1');
    expect(await storedFiles(folder())).toStrictEqual([]);
  });

  test.each(['auto', 'n8n'])(
    'a stored file is sent as the body and in a form, connection %s',
    async (connection) => {
      const stored = await responding(inPieces('video/mp4'));
      const send = async (parameters: Parameters<typeof echo>[0]) =>
        await runBaseten({
          credential: credentialFor(emulator(), { connection }),
          parameters: echo(parameters),
          items: stored.items,
        });
      await send({ inputMode: 'binary' });
      const sent = emulator().requests.at(-1);
      const [file] = await storedFiles(folder());
      expect(sent?.headers).toMatchObject({
        'content-type': 'video/mp4',
        'content-length': String(SIZE),
      });
      expect(sent?.rawBody.equals(file ?? Buffer.alloc(0))).toBe(true);
      await send({
        inputMode: 'multipart',
        files: { file: [{ path: 'clip', binaryPropertyName: 'data' }] },
      });
      const form = emulator().requests.at(-1);
      expect(form?.headers['content-length']).toBe(String(form?.rawBody.length));
      expect(form?.rawBody.toString('latin1')).toContain(
        'name="clip"; filename="data.mp4"\r\nContent-Type: video/mp4',
      );
      expect(form?.rawBody.includes(file ?? '-')).toBe(true);
    },
  );

  test('a stored file is sent again if the first attempt fails', async () => {
    const stored = await responding(inPieces('video/mp4'));
    emulator().clearRequests();
    emulator().faults.add({ kind: 'status', status: 503 });
    const { error } = await runBaseten({
      credential: credentialFor(emulator()),
      parameters: echo({ inputMode: 'binary' }),
      items: stored.items,
    });
    expect(error).toBeUndefined();
    expect(
      emulator().requests.map(({ status, rawBody }) => [status, rawBody.length]),
    ).toStrictEqual([
      [503, SIZE],
      [200, SIZE],
    ]);
  });
});

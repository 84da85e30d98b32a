import { appendFile, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { MODEL_IDS, PACKED_FILE_BYTES, bytes, json } from '../../emulator';
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
  const { items } = await responding(bytes(PNG, 'image/png'), {
    options: { outputBinaryProperty: 'image' },
  });
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
  const text = await responding(json({ a: 1 }), { options: { outputFormat: 'text' } });
  expect(text.items[0]?.json).toStrictEqual({ output: '{"a":1}' });
  const file = await responding(json({ a: 1 }), { options: { outputFormat: 'file' } });
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
    options: { base64Fields: 'images.0.b64, audio, missing.field' },
  });
  expect(items[0]?.json).toEqual({
    images: [{ b64: { file: 'b64' } }],
    audio: { file: 'audio' },
    seed: 7,
  });
  expect(items[0]?.binary?.b64).toMatchObject({ mimeType: 'image/png', fileName: 'b64.png' });
  expect(items[0]?.binary?.audio).toMatchObject({ mimeType: 'audio/wav', fileName: 'audio.wav' });
});

test('images and the like become files by themselves, and other base64 stays', async () => {
  const image = PNG.toString('base64');
  const answer = { images: [image, { b64_json: image }], token: 'aGVsbG8gd29ybGQ=', seed: 7 };
  const { items } = await responding(json(answer));
  expect(items[0]?.json).toEqual({
    images: [{ file: 'images' }, { b64_json: { file: 'b64_json' } }],
    token: 'aGVsbG8gd29ybGQ=',
    seed: 7,
  });
  expect(
    Object.entries(items[0]?.binary ?? {}).map(([name, { mimeType, fileName, data }]) => [
      name,
      mimeType,
      fileName,
      data === image,
    ]),
  ).toEqual([
    ['images', 'image/png', 'images.png', true],
    ['b64_json', 'image/png', 'b64_json.png', true],
  ]);
  const off = await responding(json(answer), { options: { base64ToFiles: 'off' } });
  expect([off.items[0]?.json, off.items[0]?.binary]).toEqual([answer, undefined]);
});

test('an answer that is a file as text, or a list of them, gives files called data', async () => {
  const image = PNG.toString('base64');
  const one = await responding(json(image));
  expect([one.items[0]?.json, Object.keys(one.items[0]?.binary ?? {})]).toEqual([
    { output: { file: 'data' } },
    ['data'],
  ]);
  const list = await responding(json([image, image]), {
    options: { fileName: '={{ "fox-" + $itemIndex }}.png' },
  });
  expect(list.items[0]?.json).toEqual({ output: [{ file: 'data' }, { file: 'data_2' }] });
  expect(Object.values(list.items[0]?.binary ?? {}).map(({ fileName }) => fileName)).toEqual([
    'fox-0-1.png',
    'fox-0-2.png',
  ]);
});

test('base64 fields of a list are found by their path in the response', async () => {
  const { items } = await responding(json([{ image: PNG.toString('base64') }]), {
    options: { base64Fields: '0.image' },
  });
  expect(items).toMatchObject([
    { json: { output: [{}] }, binary: { image: { mimeType: 'image/png' } } },
  ]);
});

/** Calls a route of the echo model's server that responds as some real servers do. */
const odd = async (name: string, parameters: Parameters<typeof echo>[0] = {}) =>
  await run({ operation: 'callRoute', route: `/odd/${name}`, ...parameters });
const hintsOf = ({ run: { data } }: Awaited<ReturnType<typeof run>>) =>
  (data.resultData.runData.Baseten?.[0]?.hints ?? []).map(({ message }) => message);

test('a base64 field that holds something else stays, the others are moved, and a hint says so', async () => {
  const result = await odd('files', {
    options: { base64Fields: 'preview, images, drawing' },
  });
  expect(result.items[0]?.json).toEqual({
    preview: 'none',
    images: [{ file: 'images' }, { file: 'images_2' }],
    drawing: { file: 'drawing' },
  });
  expect(
    Object.entries(result.items[0]?.binary ?? {}).map(([name, { mimeType }]) => [name, mimeType]),
  ).toStrictEqual([
    ['images', 'image/png'],
    ['images_2', 'image/png'],
    ['drawing', 'image/svg+xml'],
  ]);
  expect(hintsOf(result)).toStrictEqual([
    'Base64 Fields names "preview", but what is there is not base64 text. It stays in the JSON: compare the paths with the output.',
  ]);
});

test('files of base64 fields are called as the option says', async () => {
  const { items } = await odd('files', {
    options: { base64Fields: 'images', fileName: '={{ "fox" }}.png' },
  });
  expect(Object.values(items[0]?.binary ?? {}).map(({ fileName }) => fileName)).toStrictEqual([
    'fox-1.png',
    'fox-2.png',
  ]);
});

test('NaN and Infinity become null, and a hint says so', async () => {
  const result = await odd('notFinite');
  expect(result.items[0]?.json).toStrictEqual({
    loss: null,
    limits: [null, null],
    note: 'NaN is text',
  });
  expect(hintsOf(result)).toStrictEqual([
    '1 response holds NaN or Infinity, which JSON does not have. They are null in the output.',
  ]);
});

test('numbers that n8n can’t keep are text, and a hint says so', async () => {
  const result = await odd('bigNumbers');
  expect(result.items[0]?.json).toStrictEqual({
    id: '18446744073709551615',
    id_text: '18446744073709551615',
    n: 7,
  });
  expect(hintsOf(result)).toStrictEqual([
    '1 response holds numbers that n8n can’t keep exactly. They are text in the output, with all their digits.',
  ]);
});

test.each<[string, object]>([
  ['byteOrderMark', { text: 'Grüße' }],
  ['latin1', { output: 'Grüße' }],
  ['latin1Json', { text: 'Grüße' }],
  ['utf16', { output: 'Grüße 👋' }],
  ['lines', { output: [{ count: 1 }, { count: 2 }] }],
  ['linesCalledJson', { output: [{ count: 1 }, { count: 2 }] }],
  ['xml', { output: '<?xml version="1.0"?><note>Grüße</note>' }],
])('a response of the kind %s is read', async (name, expected) => {
  const { items, error } = await odd(name);
  expect([items[0]?.json, error]).toStrictEqual([expected, undefined]);
});

test.each([
  ['named', 'fox.png', ''],
  ['namedEncoded', 'füchse 🦊.png', ''],
  ['namedWithPath', 'fox.png', ''],
  ['named', 'mine.png', 'a/mine.png'],
])('a file of the kind %s is called %s', async (name, fileName, own) => {
  const { items } = await odd(name, { options: { fileName: own } });
  expect(items[0]?.binary?.data).toMatchObject({ fileName, mimeType: 'image/png' });
  expect(items[0]?.binary?.data?.directory).toBeUndefined();
});

test('an empty file is no text', async () => {
  const { items } = await odd('emptyFile');
  expect(items[0]?.binary?.data).toMatchObject({
    mimeType: 'application/octet-stream',
    fileName: 'data.bin',
  });
});

test('a file property can’t have a name that JavaScript keeps for itself', async () => {
  const { error } = await odd('named', { options: { outputBinaryProperty: '__proto__' } });
  expect(error?.message).toBe(`Put Output File in Field can't be "__proto__"`);
});

test('routes: status and headers come with the response if that is chosen', async () => {
  const { items } = await run({
    operation: 'callRoute',
    route: '/items',
    options: { fullResponse: true },
  });
  expect(items[0]?.json).toMatchObject({
    statusCode: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: { items: ['a', 'b', 'c'] },
  });
});

test('routes: HEAD gives the headers of a file, and no file', async () => {
  const head = { method: 'HEAD', options: { fullResponse: true } };
  const { items } = await odd('named', head);
  expect(items[0]?.json).toMatchObject({
    statusCode: 200,
    headers: {
      'content-type': 'image/png',
      'content-disposition': 'attachment; filename="fox.png"',
    },
  });
  expect(items[0]?.binary).toBeUndefined();
  expect((await odd('named', { method: 'HEAD', outputFormat: 'file' })).items).toMatchObject([
    { json: {} },
  ]);
});

test('routes: the key is not in the headers of the item if the server repeats it', async () => {
  const key = emulator().apiKey;
  const response = { headers: { 'content-type': 'application/json', 'x-echo': key }, body: '{}' };
  emulator().addModel({
    kind: 'model',
    id: 'fixed001',
    name: 'Fixed',
    handler: () => response,
    server: () => response,
  });
  const { items } = await run({
    operation: 'callRoute',
    modelId: byId('fixed001'),
    route: '/x',
    options: { fullResponse: true },
  });
  expect(items[0]?.json.headers).toMatchObject({ 'x-echo': '[API key]' });
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

/** The paths of the files that n8n keeps. */
async function pathsOfFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.metadata'))
    .map((entry) => join(entry.parentPath, entry.name));
}

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

  test('a file that is large only after it is unpacked is stored', async () => {
    const { items, error } = await odd('packedFile');
    expect(error).toBeUndefined();
    expect(items[0]?.binary?.data).toMatchObject({ fileSize: '101 MB' });
    const [file] = await storedFiles(folder());
    expect(file?.length).toBe(PACKED_FILE_BYTES);
  });

  test.each(['auto', 'n8n'])(
    'a stored file that is not as long as n8n noted is an error, connection %s',
    async (connection) => {
      const { items } = await responding(inPieces('video/mp4'));
      for (const [name, change] of [
        ['shorter', (path: string) => truncate(path, 1_000_000)],
        ['longer', (path: string) => appendFile(path, 'more')],
      ] as const) {
        const [stored] = await pathsOfFiles(folder());
        await change(stored as string);
        emulator().clearRequests();
        const { error } = await runBaseten({
          credential: credentialFor(emulator(), { connection }),
          parameters: echo({ inputMode: 'binary' }),
          items,
        });
        // Within Jest, Node's fetch does not know our error for one, and has no words of its own.
        expect(error?.message).toMatch(
          connection === 'n8n' ? /^The file in "data" was changed in n8n's store$/ : /^/,
        );
        expect([name, error?.name, emulator().requests.length <= 1]).toStrictEqual([
          name,
          'NodeOperationError',
          true,
        ]);
      }
    },
  );

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

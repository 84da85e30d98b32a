import type { INodeExecutionData } from 'n8n-workflow';

import { CHAIN_IDS, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId, chat, echo } from '../support/parameters';
import { readJsonInput } from '../../nodes/Baseten/actions/parameters/input';
import { JSON_MODES } from '../../nodes/Baseten/actions/parameters/inputModes';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();
const lastRequest = () => emulator().requests.at(-1);
const run = async (
  parameters: Parameters<typeof echo>[0],
  items: INodeExecutionData[] = [{ json: {} }],
) =>
  await runBaseten({ credential: credentialFor(emulator()), parameters: echo(parameters), items });

test('json: JSON text is sent as JSON', async () => {
  await run({ inputMode: 'json', input: '{ "prompt": "fox", "n": 2 }' });
  expect(lastRequest()?.json()).toStrictEqual({ prompt: 'fox', n: 2 });
  expect(lastRequest()?.headers['content-type']).toBe('application/json');
});

test('json: an object from an expression is sent as JSON', async () => {
  await run({ inputMode: 'json', input: '={{ { text: $json.text } }}' }, [
    { json: { text: 'Grüße 👋' } },
  ]);
  expect(lastRequest()?.json()).toStrictEqual({ text: 'Grüße 👋' });
});

test('fields: dotted names become nested objects, and values keep their type', async () => {
  await run({
    inputMode: 'fields',
    inputFields: {
      field: [
        { name: 'prompt', value: 'a fox' },
        { name: 'options.steps', value: '={{ 4 }}' },
        { name: 'options.tiled', value: '={{ true }}' },
        { name: 'options.text', value: '4' },
      ],
    },
  });
  expect(lastRequest()?.json()).toStrictEqual({
    prompt: 'a fox',
    options: { steps: 4, tiled: true, text: '4' },
  });
});

test('json: text is sent byte for byte, in every operation', async () => {
  const input = '{"seed": 18446744073709551615, "scale": 1.0,\n "dup": 1e400}';
  await run({ inputMode: 'json', input });
  expect(lastRequest()?.rawBody.toString()).toBe(input);
  await run({ inputMode: 'json', input: `={{ ${JSON.stringify(input)} }}` });
  expect(lastRequest()?.rawBody.toString()).toBe(input);
  await run({ operation: 'submitAsync', delivery: 'none', inputMode: 'json', input });
  expect(lastRequest()?.rawBody.toString()).toBe(`{"model_input":${input}}`);
  await run({
    resource: 'chain',
    operation: 'run',
    chainId: byId(CHAIN_IDS.echo),
    inputMode: 'json',
    input,
  });
  expect(lastRequest()?.rawBody.toString()).toBe(input);
});

test('json: a number that would be changed is an error if a file goes into the input', async () => {
  const { error } = await run(
    {
      inputMode: 'json',
      input: '{"seed": 18446744073709551615}',
      files: { file: [{ path: 'image', binaryPropertyName: 'photo' }] },
    },
    [binaryItem('photo', Buffer.from('x'), 'image/png')],
  );
  expect(error?.message).toBe('The number 18446744073709551615 in Input would be changed');
  expect(emulator().requests).toHaveLength(0);
});

test('json: half an emoji does not go out', async () => {
  await run({ inputMode: 'json', input: '={{ { text: $json.text } }}' }, [
    { json: { text: 'cut \ud83d' } },
  ]);
  expect(lastRequest()?.rawBody.toString()).toBe('{"text":"cut \\ufffd"}');
});

test('json: NaN from an expression is an error in words', async () => {
  const { error } = await run({ inputMode: 'json', input: '={{ { a: 0 / 0 } }}' });
  expect(error?.message).toBe("The input can't be written as JSON: NaN is not a number in JSON");
});

test('fields: each request has its own item’s values, and the items stay as they are', async () => {
  const options = { seed: 0, deep: { list: [{ a: 0 }] } };
  const items = [1, 2, 3, 4].map((n) => ({ json: { n, options } }));
  const before = JSON.stringify(items.map(({ json }) => json));
  await run(
    {
      inputMode: 'fields',
      inputFields: {
        field: [
          { name: 'options', value: '={{ $json.options }}' },
          { name: 'options.seed', value: '={{ $json.n }}' },
          { name: 'options.deep.list.0.a', value: '={{ $json.n }}' },
        ],
      },
    },
    items,
  );
  const sent = emulator().requests.map((request) => JSON.stringify(request.json()));
  expect(sent.sort()).toStrictEqual(
    [1, 2, 3, 4].map((n) => JSON.stringify({ options: { seed: n, deep: { list: [{ a: n }] } } })),
  );
  expect(JSON.stringify(items.map(({ json }) => json))).toBe(before);
});

test('fields and files in a given object leave the object as it is', async () => {
  // As n8n's older expression engine does, parameters here are the item's own data.
  const options = { seed: 0, list: [] };
  const item = binaryItem('photo', Buffer.from('x'), 'image/png', { options });
  const parameters: Record<string, unknown> = {
    inputMode: 'fields',
    inputFields: {
      field: [
        { name: 'options', value: item.json.options },
        { name: 'options.seed', value: 1 },
      ],
    },
    files: { file: [{ path: 'options.list.0', binaryPropertyName: 'photo' }] },
  };
  const context = {
    getNodeParameter: (name: string, _: number, fallback: unknown) => parameters[name] ?? fallback,
    getInputData: () => [item],
    helpers: { getBinaryDataBuffer: async () => Buffer.from('x') },
  };
  expect(await readJsonInput(context as never, 0, JSON_MODES)).toStrictEqual({
    options: { seed: 1, list: ['eA=='] },
  });
  expect(options).toStrictEqual({ seed: 0, list: [] });
  parameters.inputMode = 'item';
  expect(await readJsonInput(context as never, 0, JSON_MODES)).toStrictEqual({
    options: { seed: 0, list: ['eA=='] },
  });
  expect(item.json).toStrictEqual({ options: { seed: 0, list: [] } });
});

test('fields: names make lists, may have dots, and values have the type that they are set to', async () => {
  await run({
    inputMode: 'fields',
    inputFields: {
      field: [
        { name: 'inputs.0', value: 'a' },
        { name: 'inputs.1', value: 'b' },
        { name: 'config\\.json', value: '{"a": [1]}', type: 'json' },
        { name: 'steps', value: '4', type: 'number' },
        { name: 'tiled', value: 'true', type: 'boolean' },
        { name: 'text', value: '={{ 4 }}', type: 'string' },
        { name: '={{ 5 }}', value: '5' },
      ],
    },
  });
  expect(lastRequest()?.json()).toStrictEqual({
    inputs: ['a', 'b'],
    'config.json': { a: [1] },
    steps: 4,
    tiled: true,
    text: '4',
    5: '5',
  });
});

test.each([
  [{ name: 'a', value: 'x', type: 'number' }, 'The field "a" is not a number: "x"'],
  [{ name: 'a', value: 'x', type: 'date' }, `Type can't be "date"`],
  [{ name: 'b', value: 1 }, 'The path "b" is given twice'],
])('fields: %j is an error', async (field, message) => {
  const { error } = await run({
    inputMode: 'fields',
    inputFields: { field: [{ name: 'b', value: 'first' }, field] },
  });
  expect(error?.message).toBe(message);
  expect(emulator().requests).toHaveLength(0);
});

test('files: a data URL has the type of the file, from its bytes if it has none', async () => {
  const file = (binaryPropertyName: string, path: string) => ({
    path,
    binaryPropertyName,
    encoding: 'dataUrl',
  });
  const png = Buffer.from('89504e470d0a1a0a00000000', 'hex');
  await run({ inputMode: 'json', input: '', files: { file: [file('a', 'a'), file('b', 'b')] } }, [
    {
      json: {},
      binary: {
        a: { data: png.toString('base64'), mimeType: 'IMAGE/JPEG' },
        b: { data: png.toString('base64') } as never,
      },
    },
  ]);
  expect(lastRequest()?.json()).toStrictEqual({
    a: `data:image/jpeg;base64,${png.toString('base64')}`,
    b: `data:image/png;base64,${png.toString('base64')}`,
  });
});

test('a binary field named like one that every object has must be there', async () => {
  const { error } = await run({ inputMode: 'binary', binaryPropertyName: 'toString' }, [
    binaryItem('data', Buffer.from('x'), 'image/png'),
  ]);
  expect(error?.message).toBe('The item has no binary data in "toString"');
});

test("item: the whole item's JSON is sent", async () => {
  await run({ inputMode: 'item' }, [{ json: { a: 1, b: ['x'] } }]);
  expect(lastRequest()?.json()).toStrictEqual({ a: 1, b: ['x'] });
});

test('files are put into JSON as base64 at their paths, in every JSON mode', async () => {
  const item = binaryItem('photo', Buffer.from('not really a photo'), 'image/png', { prompt: 'x' });
  const files = { file: [{ path: 'inputs.image', binaryPropertyName: 'photo' }] };
  const image = Buffer.from('not really a photo').toString('base64');
  await run({ inputMode: 'item', files }, [item]);
  expect(lastRequest()?.json()).toStrictEqual({ prompt: 'x', inputs: { image } });
  await run({ inputMode: 'json', input: '{"inputs":{"size":1}}', files }, [item]);
  expect(lastRequest()?.json()).toStrictEqual({ inputs: { size: 1, image } });
  await run({ inputMode: 'fields', inputFields: { field: [] }, files }, [item]);
  expect(lastRequest()?.json()).toStrictEqual({ inputs: { image } });
});

test('binary: the bytes are the body, with their MIME type', async () => {
  const bytes = Buffer.from([0, 255, 1, 254]);
  await run({ inputMode: 'binary', binaryPropertyName: 'audio' }, [
    binaryItem('audio', bytes, 'audio/wav'),
  ]);
  expect(lastRequest()?.rawBody.equals(bytes)).toBe(true);
  expect(lastRequest()?.headers['content-type']).toBe('audio/wav');
});

test('multipart: fields and files are sent as parts with names and types', async () => {
  const item = binaryItem('audio', Buffer.from('RIFF'), 'audio/wav', {}, 'hello.wav');
  const result = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({
      inputMode: 'multipart',
      inputFields: {
        field: [
          { name: 'language', value: 'de' },
          { name: 'options', value: '={{ { beam: 5 } }}' },
          { name: 'seed', value: '={{ $json.missing }}' },
        ],
      },
      files: { file: [{ path: 'file', binaryPropertyName: 'audio' }] },
    }),
    items: [item],
  });
  expect(lastRequest()?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  const body = lastRequest()?.rawBody.toString() ?? '';
  expect(body).toContain('name="language"\r\n\r\nde');
  expect(body).toContain('name="options"\r\n\r\n{"beam":5}');
  expect(body).not.toContain('name="seed"');
  expect(body).toMatch(/name="file"; filename="hello.wav"\r\nContent-Type: audio\/wav\r\n\r\nRIFF/);
  expect(result.error).toBeUndefined();
});

test('multipart: a file without a path is an error, and one without a name gets an ending', async () => {
  const item = binaryItem('audio', Buffer.from('RIFF'), 'audio/wav');
  const file = (path: string) => ({ file: [{ path, binaryPropertyName: 'audio' }] });
  const { error } = await run({ inputMode: 'multipart', files: file('') }, [item]);
  expect(error?.message).toBe('A file has no path');
  await run({ inputMode: 'multipart', files: file('clip') }, [item]);
  expect(lastRequest()?.rawBody.toString()).toContain('name="clip"; filename="clip.wav"');
});

test('multipart: JSON of a field goes out as it was typed', async () => {
  await run({
    inputMode: 'multipart',
    inputFields: {
      field: [{ name: 'options', value: '{"seed": 18446744073709551615}', type: 'json' }],
    },
  });
  expect(lastRequest()?.rawBody.toString()).toContain(
    'name="options"\r\n\r\n{"seed": 18446744073709551615}\r\n',
  );
});

test('a model can be given by a URL of Baseten’s app or API', async () => {
  for (const value of [
    `https://app.baseten.co/models/${MODEL_IDS.echo}/overview`,
    `https://model-${MODEL_IDS.echo}.api.baseten.co/production/predict`,
    `${emulator().url}/model-${MODEL_IDS.echo}/production/predict`,
  ]) {
    emulator().clearRequests();
    await run({ modelId: { __rl: true, mode: 'url', value } });
    expect(lastRequest()?.path).toBe(`/model-${MODEL_IDS.echo}/production/predict`);
  }
});

test('expressions are evaluated for each item', async () => {
  const models = [MODEL_IDS.echo, MODEL_IDS.sentiment];
  await run(
    {
      modelId: byId('={{ $json.model }}'),
      inputMode: 'json',
      input: '{"text":"x"}',
      options: { maxConcurrency: 1 },
    },
    models.map((model) => ({ json: { model } })),
  );
  expect(emulator().requests.map(({ path }) => path)).toStrictEqual(
    models.map((model) => `/model-${model}/production/predict`),
  );
});

test('requests have the package’s name and version, and the key as a bearer token', async () => {
  const { version } = jest.requireActual<{ version: string }>('../../package.json');
  await run({});
  expect(lastRequest()?.headers['user-agent']).toBe(`n8n-nodes-baseten/${version}`);
  expect(lastRequest()?.headers.authorization).toBe(`Bearer ${emulator().apiKey}`);
});

test('chat: an image has the type of its bytes if it has none, in small letters', async () => {
  const png = Buffer.from('89504e470d0a1a0a00000000', 'hex').toString('base64');
  await runBaseten({
    credential: credentialFor(emulator()),
    parameters: chat({
      promptType: 'messages',
      messages: { message: [{ role: 'user', content: 'See', imageBinaryProperties: 'a, b' }] },
    }),
    items: [
      {
        json: {},
        binary: { a: { data: png, mimeType: 'IMAGE/PNG' }, b: { data: png } as never },
      },
    ],
  });
  const { messages } = lastRequest()?.json() as { messages: Array<{ content: object[] }> };
  expect(messages[0]?.content.slice(1)).toStrictEqual(
    Array.from({ length: 2 }, () => ({
      type: 'image_url',
      image_url: { url: `data:image/png;base64,${png}` },
    })),
  );
});

import { MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId, echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();
const lastRequest = () => emulator().requests.at(-1);
const run = async (parameters: Parameters<typeof echo>[0], items = [{ json: {} }]) =>
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

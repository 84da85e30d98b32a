import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { PNG } from 'pngjs';

import { MODEL_IDS, bytes, json } from '../../emulator';
import { drawPng } from '../../emulator/models/image';
import { flux } from '../../emulator/models/imageModels';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { PAINTERS } from '../support/mediaModels';
import { byId } from '../support/parameters';

const emulator = useEmulator();
const PROMPT = 'A red fox, in the snow at night';

async function generate(
  modelId: string,
  parameters: INodeParameters = {},
  items?: INodeExecutionData[],
) {
  return await runBaseten({
    credential: credentialFor(emulator()),
    parameters: {
      resource: 'image',
      operation: 'generate',
      modelId: byId(modelId),
      prompt: PROMPT,
      ...parameters,
    },
    items,
  });
}

const namesOf = ({ items }: { items: INodeExecutionData[] }) =>
  items.map(({ binary }) => binary?.data?.fileName);
const bodies = () =>
  emulator()
    .requests.filter(({ path }) => path.endsWith('/predict'))
    .map((request) => request.json() as Record<string, unknown>);

test.each(PAINTERS)(
  'a model of the format %s gives an item an image',
  async (format, modelId, rests) => {
    for (const requestFormat of ['auto', format]) {
      const { items, error } = await generate(modelId, { requestFormat });
      expect(error).toBeUndefined();
      expect(items.map((item) => item.json)).toEqual(rests);
      for (const { binary, pairedItem } of items) {
        expect(binary?.data?.mimeType).toBe('image/png');
        expect(
          PNG.sync.read(Buffer.from(binary?.data?.data ?? '', 'base64')).width,
        ).toBeGreaterThan(8);
        expect(pairedItem).toEqual({ item: 0 });
      }
    }
  },
);

test('the file is called like the first words of the prompt, or as the option says', async () => {
  expect(namesOf(await generate(MODEL_IDS.flux))).toEqual(['a-red-fox-in-the-snow.png']);
  expect(namesOf(await generate(MODEL_IDS.flux, { options: { fileName: 'fox.jpg' } }))).toEqual([
    'fox.png',
  ]);
  expect(namesOf(await generate(MODEL_IDS.sdxl))).toEqual([
    'a-red-fox-in-the-snow-1.png',
    'a-red-fox-in-the-snow-2.png',
  ]);
});

test('an image that is sent as a stream of bytes has the ending of its type', async () => {
  const image = drawPng('fox', 8, 8);
  emulator().addModel({
    kind: 'model',
    id: 'bytes001',
    name: 'Bytes',
    handler: () => bytes(image, 'application/octet-stream'),
  });
  const { items, error } = await generate('bytes001');
  expect(error).toBeUndefined();
  expect(items[0]?.binary?.data).toMatchObject({
    fileName: 'a-red-fox-in-the-snow.png',
    mimeType: 'image/png',
  });
});

test('as many images as asked for, with one seed after the other, and names that differ', async () => {
  const result = await generate(
    MODEL_IDS.flux,
    { numberOfImages: 3, options: { seed: 5, width: 32, height: 16, steps: 4 } },
    [{ json: {} }, { json: {} }],
  );
  expect(result.items.map(({ json: { seed }, pairedItem }) => [seed, pairedItem])).toEqual(
    [0, 1].flatMap((item) => [5, 6, 7].map((seed) => [seed, { item }])),
  );
  expect(namesOf(result)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `a-red-fox-in-the-snow-${n}.png`));
  const size = { width: 32, height: 16, num_inference_steps: 4 };
  expect(bodies().sort((a, b) => Number(a.seed) - Number(b.seed))[0]).toEqual({
    prompt: PROMPT,
    seed: 5,
    ...size,
  });
});

test('values of a workflow get the names of its example, and what is added goes to them', async () => {
  await generate(MODEL_IDS.comfyUi, {
    options: { negativePrompt: 'blurry', seed: 3, extraInput: '{"controlnet_image": "a"}' },
  });
  await generate(MODEL_IDS.comfyUi, {
    options: { extraInput: '{"workflow_values": {"positive_prompt": "another"}, "x": 1}' },
  });
  expect(bodies()).toEqual([
    {
      workflow_values: {
        positive_prompt: PROMPT,
        negative_prompt: 'blurry',
        seed: 3,
        controlnet_image: 'a',
      },
    },
    { workflow_values: { positive_prompt: 'another' }, x: 1 },
  ]);
});

test('steps are called as in the example of the model', async () => {
  const example = { prompt: 'a', steps: 50 };
  emulator().addModel({
    kind: 'model',
    id: 'steps001',
    name: 'Steps',
    metadata: { example_model_input: example },
    handler: () => json({ error: 'none' }),
  });
  await generate('steps001', { options: { steps: 8, seed: 1 } });
  expect(bodies()).toEqual([{ prompt: PROMPT, steps: 8, seed: 1 }]);
});

test('what a format can’t send is refused before anything is sent', async () => {
  const { error } = await generate(MODEL_IDS.image, {
    requestFormat: 'prompt',
    options: { width: 64, seed: 1 },
  });
  expect(error?.message).toBe('Requests of the format Prompt Only have no Width, Seed');
  expect(bodies()).toEqual([]);
});

test('if one of several requests fails, the item fails', async () => {
  emulator().faults.add({ kind: 'status', status: 422, match: { path: '/predict' }, after: 1 });
  const { error, items } = await generate(MODEL_IDS.flux, { numberOfImages: 3 });
  expect(error?.message).toBe(`Model ${MODEL_IDS.flux} refused the input`);
  expect(items).toEqual([]);
});

test('requests of all items together are no more at once than Max Concurrency', async () => {
  let [inFlight, most, together] = [0, 0, 0];
  const waiting: Array<() => void> = [];
  emulator().addModel({
    kind: 'model',
    id: 'counted1',
    name: 'Counted',
    async handler(call) {
      most = Math.max(most, ++inFlight);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === together) waiting.splice(0).forEach((goOn) => setTimeout(goOn));
      });
      inFlight--;
      return await flux(call);
    },
  });
  for (const maxConcurrency of [1, 3]) {
    [most, together] = [0, maxConcurrency];
    const { items, error } = await generate(
      'counted1',
      { numberOfImages: 4, requestFormat: 'flux', options: { maxConcurrency, seed: 1 } },
      [{ json: {} }, { json: {} }, { json: {} }],
    );
    expect(error).toBeUndefined();
    expect(items.map(({ json: { seed } }) => seed)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
    expect(most).toBe(maxConcurrency);
  }
});

test('Run Async needs what a wait needs, and is the same for all items', async () => {
  const alone = await generate(MODEL_IDS.flux, {
    options: { runAsync: true, waitTimeout: 60, priority: 1 },
  });
  expect(alone.error?.message).toBe('There is no webhook secret to verify the result with');
  const mixed = await generate(MODEL_IDS.flux, { options: { runAsync: '={{ $json.later }}' } }, [
    { json: { later: false } },
    { json: { later: true } },
  ]);
  expect(mixed.error?.message).toBe('Run Async is on for some items only');
});

test('the recording of a model that speaks is no image', async () => {
  const { error, items } = await generate(MODEL_IDS.orpheus);
  expect(error?.message).toBe(`The answer of model ${MODEL_IDS.orpheus} holds no image`);
  expect(error?.description).toContain('It is a file of type audio/wav');
  expect(items).toEqual([]);
});

test('an answer without an image is an error that shows it', async () => {
  const { error } = await generate(MODEL_IDS.kokoro, {
    requestFormat: 'prompt',
    options: { extraInput: '{"text": "hello"}' },
  });
  expect(error?.message).toBe(`The answer of model ${MODEL_IDS.kokoro} holds no image`);
});

import { json, type ModelCall } from '../../emulator';
import { MODEL_IDS } from '../../emulator/workspace/ids';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { placeOf, Waits } from '../support/waits';

const MINUTE = 60_000;

let testBed: SimulatedTestBed;
let waits: Waits;
beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
  waits = new Waits(placeOf(testBed));
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

interface Settings {
  parameters: Record<string, unknown>;
  modelId?: string;
  items?: number;
  onError?: 'continueRegularOutput';
}

/** Runs a workflow that sleeps until its results have come, and gives its run. */
async function ended({ parameters, ...settings }: Settings) {
  const options = { ...(parameters.options as object), runAsync: true };
  const id = await waits.start({ ...settings, parameters: { ...parameters, options } });
  const run = await waits.ended(id);
  await waits.allEnded(id);
  return run;
}

test(
  'images come after a sleep: an item each, paired, with names that differ, beside their input',
  async () => {
    const run = await ended({
      items: 2,
      modelId: MODEL_IDS.flux,
      parameters: {
        resource: 'image',
        operation: 'generate',
        prompt: 'A red fox',
        numberOfImages: 2,
        includeInputFields: true,
        options: { seed: 5 },
      },
    });
    expect(run.error).toBeUndefined();
    const items = run.items('After');
    expect(items.map(({ json: { n, seed }, pairedItem }) => [n, seed, pairedItem])).toEqual(
      [0, 1].flatMap((n) => [5, 6].map((seed) => [n, seed, { item: 2 * n + seed - 5 }])),
    );
    expect(items.map(({ binary }) => binary?.data?.fileName)).toEqual(
      [1, 2, 3, 4].map((number) => `a-red-fox-${number}.png`),
    );
    expect(items[0]?.binary?.data?.mimeType).toBe('image/png');
  },
  3 * MINUTE,
);

test(
  'a transcript and speech come after a sleep in the shape that they always have',
  async () => {
    const heard = await ended({
      modelId: MODEL_IDS.libraryWhisper,
      parameters: {
        resource: 'audio',
        operation: 'transcribe',
        audioSource: 'url',
        audioUrl: 'https://example.com/talk.mp3',
        options: { subtitles: 'srt', outputField: 'said' },
      },
    });
    expect(heard.error).toBeUndefined();
    const [item] = heard.items('After');
    expect(item?.json).toEqual({ said: expect.any(String) });
    expect(item?.binary?.subtitles?.fileName).toBe('talk.srt');
    const spoken = await ended({
      modelId: MODEL_IDS.kokoro,
      parameters: { resource: 'audio', operation: 'generateSpeech', text: 'Hello' },
    });
    expect(spoken.error).toBeUndefined();
    expect(spoken.items('After')[0]?.binary?.data?.mimeType).toMatch(/^audio\//);
  },
  5 * MINUTE,
);

test(
  'an answer without what was asked for is an error of the node, or of its item',
  async () => {
    const handler = (call: ModelCall) => json({ prompt: call.json() });
    testBed.emulator.addModel({ kind: 'model', id: 'noimage1', name: 'No image', handler });
    const parameters = {
      resource: 'image',
      operation: 'generate',
      requestFormat: 'prompt',
      prompt: 'A red fox',
    };
    const message = 'The answer of model noimage1 holds no image';
    const stopped = await ended({ modelId: 'noimage1', parameters });
    expect(stopped.error).toContain(message);
    const onError = 'continueRegularOutput';
    for (const items of [1, 2]) {
      const run = await ended({ modelId: 'noimage1', items, onError, parameters });
      expect(run.items('After').map(({ json: { error } }) => error)).toEqual(
        Array(items).fill(message),
      );
    }
  },
  8 * MINUTE,
);

import { PerformanceClient } from '@basetenlabs/performance-client';
import { MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';

afterEach(stopAll);

async function client(path: string) {
  const { emulator } = await startTestEmulator();
  return { emulator, performance: new PerformanceClient(emulator.url + path, emulator.apiKey) };
}

const texts = Array.from({ length: 10 }, (_, index) => `text number ${index}`);

test("Baseten's own client embeds texts in batches and keeps their order", async () => {
  const { emulator, performance } = await client(
    `/model-${MODEL_IDS.embedder}/environments/production/sync`,
  );
  const response = await performance.embed(texts, 'any', null, null, null, 4, 3);
  expect(response.data.map(({ index }: { index: number }) => index)).toEqual(
    texts.map((_, index) => index),
  );
  expect(response.data[0].embedding).toHaveLength(256);
  expect(emulator.requests).toHaveLength(4);
});

test("Baseten's own client ranks texts", async () => {
  const { performance } = await client(`/model-${MODEL_IDS.reranker}/environments/production/sync`);
  const documents = ['stock prices fell', 'a cat on a mat', 'my cat sleeps'];
  const { data } = await performance.rerank('my cat', documents, false, true);
  const best = [...data].sort((left, right) => right.score - left.score)[0];
  expect(best).toMatchObject({ index: 2, text: 'my cat sleeps' });
});

test("Baseten's own client classifies texts", async () => {
  const { performance } = await client(`/model-${MODEL_IDS.reranker}/environments/production/sync`);
  const { data } = await performance.classify(['This is great!', 'It was terrible.']);
  expect(data.map(([first]: [{ label: string }]) => first.label)).toEqual(['positive', 'negative']);
});

test("Baseten's own client posts many payloads to predict", async () => {
  const { performance } = await client(`/model-${MODEL_IDS.echo}`);
  const payloads = texts.map((text) => ({ text }));
  const { data } = await performance.batchPost('/production/predict', payloads, 4);
  expect(data).toEqual(payloads);
});

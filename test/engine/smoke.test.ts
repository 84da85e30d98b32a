import { MODEL_IDS, startEmulator, type Emulator } from '../../emulator';
import { runBaseten } from './engine';

let emulator: Emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(async () => { await emulator.close(); });
const credential = () => ({ apiKey: emulator.apiKey, endpoints: 'custom', deploymentUrl: emulator.deploymentUrl, modelApiUrl: emulator.modelApiUrl, managementUrl: emulator.managementUrl });

test('predict', async () => {
  const t = Date.now();
  const r = await runBaseten({ credential: credential(), items: Array.from({length: 200}, (_, i) => ({ json: { text: `great ${i}` } })), parameters: { resource: 'model', operation: 'predict', modelId: { __rl: true, mode: 'id', value: MODEL_IDS.sentiment }, inputMode: 'item', options: { maxConcurrency: 16 } } });
  console.log(Date.now() - t, JSON.stringify(r.items.slice(0, 2)), r.error);
  const e = await runBaseten({ credential: { ...credential(), apiKey: 'x' }, parameters: { resource: 'model', operation: 'predict', modelId: { __rl: true, mode: 'id', value: MODEL_IDS.sentiment }, inputMode: 'item' } });
  console.log((e.error as any)?.cause?.stack, e.error?.message, e.error?.description, e.error?.httpCode, JSON.stringify(e.error));
});

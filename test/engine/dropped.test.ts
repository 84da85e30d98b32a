import { MODEL_IDS } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';

const emulator = useEmulator();

/** Runs five predictions one after the other, of which the third is refused. */
async function run(onError?: 'continueRegularOutput') {
  return await runBaseten({
    credential: credentialFor(emulator()),
    parameters: {
      resource: 'model',
      operation: 'predict',
      modelId: byId(MODEL_IDS.echo),
      inputMode: 'json',
      input: '={{ $json.n === 3 ? "[" : { n: $json.n } }}',
      options: { maxConcurrency: 1 },
    },
    items: [1, 2, 3, 4, 5].map((n) => ({ json: { n } })),
    onError,
  });
}

test('a node that ends early says how many answers are dropped, and how to keep them', async () => {
  const { error } = await run();
  expect(error?.context?.itemIndex).toBe(2);
  expect(error?.description).toContain('2 of 5 items were done. Their answers are dropped now');
  expect(error?.description).toContain('set On Error to Continue');
  expect(error?.description).toContain('Leave Retry On Fail off');
});

test('a node that continues keeps them and says nothing of it', async () => {
  const { items } = await run('continueRegularOutput');
  expect(items.map(({ json }) => 'error' in json)).toStrictEqual([
    false,
    false,
    true,
    false,
    false,
  ]);
  expect(JSON.stringify(items)).not.toContain('dropped');
});

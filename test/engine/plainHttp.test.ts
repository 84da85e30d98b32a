import { credentialFor, useEmulator } from '../support/emulator';
import { echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();

async function hintsWith(more: Record<string, string>): Promise<string[]> {
  const { run } = await runBaseten({
    credential: credentialFor(emulator(), more),
    parameters: echo(),
  });
  return (run.data.resultData.runData.Baseten?.[0]?.hints ?? []).map(({ message }) => message);
}

test('a hint says that an address sends the key to another machine unencrypted', async () => {
  expect(await hintsWith({ managementUrl: 'http://gateway.example' })).toStrictEqual([
    'The credential’s Management URL starts with http://, so the API key and all data go over the network unencrypted. Use https://.',
  ]);
});

test('addresses of this machine do not cause a hint', async () => {
  expect(await hintsWith({})).toStrictEqual([]);
});

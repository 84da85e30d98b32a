import { credentialFor, echo, useEmulator } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();

async function hintsWith(more: Record<string, string>): Promise<string[]> {
  const { run } = await runBaseten({
    credential: credentialFor(emulator(), more),
    parameters: echo(),
  });
  return (run.data.resultData.runData.Baseten?.[0]?.hints ?? []).map(({ message }) => message);
}

test('an address that sends the key unencrypted to another machine is told beside the output', async () => {
  expect(await hintsWith({ managementUrl: 'http://gateway.example' })).toStrictEqual([
    'The credential’s Management URL starts with http://, so the API key and all data go over the network unencrypted. Use https://.',
  ]);
});

test('this machine’s own addresses need no warning', async () => {
  expect(await hintsWith({})).toStrictEqual([]);
});

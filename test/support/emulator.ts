import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator';
import { DocumentWatch } from './managementDocument';

/**
 * Starts an emulator before a file's tests and stops it after them. Returns a function that gives
 * it. Whatever a test asks of the management API, and what is answered, has to be as Baseten's
 * document says.
 */
export function useEmulator(options: EmulatorOptions = {}): () => Emulator {
  const watch = new DocumentWatch();
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({ ...options, watchManagement: watch.watchManagement });
  });
  afterEach(() => {
    emulator.clearRequests();
    emulator.faults.clear();
    expect(watch.take()).toStrictEqual([]);
  });
  afterAll(async () => {
    await emulator.close();
  });
  return () => emulator;
}

/**
 * A credential for the emulator, without its webhook secret.
 * @param more fields that are added or take the place of these
 */
export function credentialFor(
  emulator: Emulator,
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    apiKey: emulator.apiKey,
    endpoints: 'custom',
    deploymentUrl: emulator.deploymentUrl,
    modelApiUrl: emulator.modelApiUrl,
    managementUrl: emulator.managementUrl,
    ...more,
  };
}

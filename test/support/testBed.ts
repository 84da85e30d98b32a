import {
  type SimulatedTestBed,
  startTestBed as startUnchecked,
  type TestBedOptions,
} from '../../host/n8n/testBed';
import { DocumentWatch } from './managementDocument';

/**
 * Starts a test bed with the emulator. To close it fails if something that was asked of the
 * management API, or its answer, was not as Baseten's document says.
 */
export async function startTestBed(
  options: TestBedOptions & { apiKey?: undefined },
): Promise<SimulatedTestBed> {
  const watch = new DocumentWatch();
  const testBed = await startUnchecked({ ...options, watchManagement: watch.watchManagement });
  const { close } = testBed;
  return Object.assign(testBed, {
    close: async () => {
      await close();
      expect(watch.take()).toStrictEqual([]);
    },
  });
}

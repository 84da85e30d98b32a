import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { selfSigned } from '../../host/emulator/certificate';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { fetchTrusting } from '../../host/n8n/tls';
import { temporaryFolder } from '../../host/temporaryFolder';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { gatedModel, instantModel, placeOf, Waits } from '../support/waits';

const MINUTE = 60_000;
/** n8n looks once a minute for what it has to wake. */
const LOOK = 5 * MINUTE;

describe.each([
  ['that n8n trusts', true],
  ['that n8n does not trust', false],
])('n8n serves https with a certificate %s', (_, isTrusted) => {
  let testBed: SimulatedTestBed;
  let waits: Waits;
  let removeFolder: () => Promise<void>;
  beforeAll(async () => {
    const tls = await selfSigned();
    const folder = await temporaryFolder('certificate');
    removeFolder = async () => await folder.remove();
    const trusted = join(folder.path, 'trusted.pem');
    await writeFile(trusted, tls.cert);
    const env: Record<string, string> = isTrusted ? { NODE_EXTRA_CA_CERTS: trusted } : {};
    testBed = await startTestBed({ host: await installedHost(), tls, env });
    waits = new Waits({ ...placeOf(testBed), fetch: fetchTrusting(tls) });
    instantModel(testBed, 'instant1');
  }, 20 * MINUTE);
  afterAll(async () => {
    await testBed?.close();
    await removeFolder?.();
  }, MINUTE);

  test(
    'a result of a model that answers at once arrives',
    async () => {
      const run = await waits.ended(await waits.start({ modelId: 'instant1' }), LOOK);
      expect(run.error).toBeUndefined();
      expect(run.items('After')).toMatchObject([{ json: { succeeded: true } }]);
    },
    LOOK,
  );

  test(
    'a single result that takes its time arrives',
    async () => {
      const gate = gatedModel(testBed, 'single01');
      const id = await waits.start({ modelId: 'single01' });
      await waits.asleep(id, gate);
      await gate.respond();
      const run = await waits.ended(id, LOOK);
      expect(run.items('After')).toMatchObject([{ json: { succeeded: true } }]);
    },
    LOOK,
  );

  // Several have to be handed over, for which n8n calls itself at its public address.
  if (!isTrusted) return;
  test(
    'several results arrive in their order',
    async () => {
      const id = await waits.start({ modelId: 'instant1', items: 3 });
      const run = await waits.ended(id, 2 * LOOK);
      const data = run.nodeNames.includes('After')
        ? run.items('After').map(({ json: { data: each } }) => each)
        : run.error;
      const all = [0, 1, 2].map((n) => ({ answered: { n } }));
      expect(data).toStrictEqual(all);
      await waits.allEnded(id, LOOK);
    },
    3 * LOOK,
  );
});

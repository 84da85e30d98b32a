import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  API_KEY,
  type EmulatorProcess,
  startEmulatorProcess,
} from '../../host/emulator/emulatorProcess';
import { type Execution, publishCalled } from '../../host/n8n/webhookRun';
import { MODEL_IDS } from '../../emulator';
import { type N8n, startN8n } from '../../host/n8n/n8n';
import type { RunItem } from '../../host/n8n/run';
import { temporaryFolder, type TemporaryFolder } from '../../host/temporaryFolder';
import { installedHost } from '../support/installedHost';

const MINUTE = 60_000;
const BYTES = 500_000_000;
/** How many bytes more than before n8n's process may hold at its peak. */
const GROWTH = 64_000_000;
/** The same for an upload: for a while the process holds its chunks twice, as read and as sent. */
const GROWTH_WITH_UPLOAD = 2 * GROWTH;
/** What the emulator's long responses repeat. */
const PATTERN = 'baseten ';

let emulator: EmulatorProcess;
let n8n: N8n;
let files: TemporaryFolder;

beforeAll(async () => {
  files = await temporaryFolder('files');
  emulator = await startEmulatorProcess();
  const env = {
    N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
    N8N_BINARY_DATA_STORAGE_PATH: files.path,
  };
  n8n = await startN8n({ host: await installedHost(), env });
}, 20 * MINUTE);

afterAll(async () => {
  await n8n?.stop();
  await emulator?.stop();
  await files?.remove();
}, MINUTE);

describe.each(['auto', 'n8n'] as const)('connection %s', (connection) => {
  const runs: Record<string, Execution> = {};
  let stored: RunItem | undefined;

  beforeAll(async () => {
    const data = {
      apiKey: API_KEY,
      endpoints: 'custom',
      deploymentUrl: `${emulator.url}/{kind}-{id}`,
      connection,
    };
    const credential = await n8n.api.createCredential({
      name: connection,
      type: 'basetenWorkspaceApi',
      data,
    });
    const download = await publishCalled(n8n, `${connection} download`, [DOWNLOAD], credential);
    const upload = await publishCalled(n8n, `${connection} upload`, [DOWNLOAD, UPLOAD], credential);
    // The first run warms up: what n8n loads and compiles then stays in memory.
    await upload.run();
    await emptyStore();
    runs.upload = await upload.run();
    await emptyStore();
    runs.download = await download.run();
    stored = runs.download.run.items('Download')[0];
  }, 10 * MINUTE);

  afterAll(emptyStore);

  test(
    'a file of 500 MB is stored as it was sent',
    async () => {
      expect(stored?.binary?.data).toMatchObject({
        mimeType: 'text/plain',
        fileName: 'data.txt',
        fileSize: '500 MB',
      });
      const name = String(stored?.binary?.data?.id).replace(/^[^:]*:/, '');
      const hash = createHash('sha256');
      await pipeline(createReadStream(join(files.path, name)), hash);
      expect(hash.digest('hex')).toBe(expectedHash());
    },
    MINUTE,
  );

  test('n8n holds less than 64 MB more while it comes', () => {
    expect(runs.download?.growth).toBeLessThan(GROWTH);
  });

  test('sent from the store as a body it arrives whole', () => {
    expect(runs.upload?.run.items('Upload').map(({ json }) => json)).toStrictEqual([
      { bytes: BYTES },
    ]);
  });

  test('n8n holds less than 128 MB more while it comes and goes', () => {
    expect(runs.upload?.growth).toBeLessThan(GROWTH_WITH_UPLOAD);
  });
});

const node = (name: string, parameters: Record<string, unknown>) => ({
  name,
  type: 'n8n-nodes-baseten.baseten',
  typeVersion: 1,
  parameters: {
    resource: 'model',
    operation: 'callRoute',
    modelId: { __rl: true, mode: 'id', value: MODEL_IDS.echo },
    ...parameters,
  },
  credentials: { basetenWorkspaceApi: { id: 'baseten', name: 'Baseten' } },
});

const DOWNLOAD = node('Download', { method: 'GET', route: `bytes/${BYTES}` });
const UPLOAD = node('Upload', { method: 'POST', route: 'count-bytes', inputMode: 'binary' });

/** Removes what executions have stored, which would soon fill the disk. */
async function emptyStore(): Promise<void> {
  for (const name of await readdir(files.path))
    await rm(join(files.path, name), { recursive: true, force: true });
}

function expectedHash(): string {
  const hash = createHash('sha256');
  const million = Buffer.alloc(1_000_000, PATTERN);
  for (let sent = 0; sent < BYTES; sent += million.length) hash.update(million);
  return hash.digest('hex');
}

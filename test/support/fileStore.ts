import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BinaryDataConfig, BinaryDataService } from 'n8n-core';
import { Container } from '@n8n/di';

/** Makes n8n keep binary data in files, in a folder that is emptied after each test. */
export function useFileStore(): () => string {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-engine-files-'));
    Object.assign(Container.get(BinaryDataConfig), {
      mode: 'filesystem',
      localStoragePath: folder,
    });
    await Container.get(BinaryDataService).init();
  });
  afterEach(async () => {
    for (const name of await readdir(folder))
      await rm(join(folder, name), { recursive: true, force: true });
  });
  afterAll(async () => await rm(folder, { recursive: true, force: true }));
  return () => folder;
}

/** The files that n8n keeps, largest first; what it notes about them is left out. */
export async function storedFiles(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.metadata'));
  const contents = await Promise.all(
    files.map(async (file) => await readFile(join(file.parentPath, file.name))),
  );
  return contents.sort((one, other) => other.length - one.length);
}

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BinaryDataConfig, BinaryDataService } from 'n8n-core';
import { Container } from '@n8n/di';

import { temporaryFolder, type TemporaryFolder } from '../../host/temporaryFolder';

/**
 * Makes n8n keep binary data in files. Returns a function that gives their folder; it is emptied
 * after each test.
 */
export function useFileStore(): () => string {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder('engine-files');
    Object.assign(Container.get(BinaryDataConfig), {
      mode: 'filesystem',
      localStoragePath: folder.path,
    });
    await Container.get(BinaryDataService).init();
  });
  afterEach(async () => {
    for (const name of await readdir(folder.path))
      await rm(join(folder.path, name), { recursive: true, force: true });
  });
  afterAll(async () => await folder.remove());
  return () => folder.path;
}

/**
 * Reads the files that n8n keeps, the largest first, without those in which it notes something
 * about them.
 */
export async function storedFiles(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.metadata'));
  const contents = await Promise.all(
    files.map(async (file) => await readFile(join(file.parentPath, file.name))),
  );
  return contents.sort((one, other) => other.length - one.length);
}

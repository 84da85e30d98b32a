import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { lockCache } from '../../../host/install/cacheLock';
import { temporaryFolder, type TemporaryFolder } from '../../../host/temporaryFolder';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder('lock');
});
afterEach(async () => await folder.remove());

test('a second process waits until the first one has installed, and is told so', async () => {
  const cache = join(folder.path, 'cache');
  const first = await lockCache(cache, () => undefined);
  const steps: string[] = [];
  let isTold = () => {};
  const told = new Promise<void>((resolve) => (isTold = resolve));
  const second = lockCache(cache, ({ text }) => {
    steps.push(text);
    isTold();
  });
  await told;
  await first.release();
  await (await second).release();
  expect(steps).toContain('waiting for another process that installs n8n');
  expect(await readdir(cache)).toEqual([]);
});

test('whoever waits can be stopped', async () => {
  const stop = new AbortController();
  const first = await lockCache(folder.path, () => undefined);
  await expect(lockCache(folder.path, () => stop.abort(), stop.signal)).rejects.toThrow('aborted');
  await first.release();
});

test('a cache that is not a folder is a problem with a way out', async () => {
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  await expect(lockCache(file, () => undefined)).rejects.toThrow(
    /can't be kept in .*name another folder in N8N_NODES_BASETEN_CACHE/,
  );
});

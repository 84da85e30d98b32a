import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import $ from 'tinyspawn';

import { checkAddress, checkRegistryName } from '../../../host/release/ownership';
import { temporaryFolder, type TemporaryFolder } from '../../../host/temporaryFolder';

const NAME = 'n8n-nodes-baseten';
const URL = 'git+https://example.com/owner/project.git';

let folder: TemporaryFolder;
const npmBefore = process.env.npm_execpath;

beforeEach(async () => {
  folder = await temporaryFolder('ownership');
});

afterEach(async () => {
  process.env.npm_execpath = npmBefore;
  await folder.remove();
});

/** Makes a git repository whose package.json has this name. Returns its address. */
async function repositoryOf(name: string): Promise<string> {
  const path = join(folder.path, 'repository');
  await mkdir(path);
  await writeFile(join(path, 'package.json'), JSON.stringify({ name }));
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  await $('git', ['-C', path, 'init', '--quiet']);
  await $('git', ['-C', path, 'add', 'package.json']);
  await $('git', ['-C', path, ...author, 'commit', '--quiet', '-m', 'First']);
  return `file://${path}`;
}

describe('the address', () => {
  test('may be the repository that runs the release, with the same package name', async () => {
    const url = await repositoryOf(NAME);
    const manifest = { name: NAME, repository: { url: `git+${url}` } };
    await expect(checkAddress(manifest, url)).resolves.toBeUndefined();
  });

  test('may not be another repository with the same package name', async () => {
    const url = await repositoryOf(NAME);
    const manifest = { name: NAME, repository: { url } };
    await expect(checkAddress(manifest, 'https://example.com/fork/project')).rejects.toThrow(
      'This release runs in https://example.com/fork/project, but package.json names',
    );
  });

  test('may not be the repository of another package', async () => {
    const url = await repositoryOf('another');
    await expect(checkAddress({ name: NAME, repository: { url } }, url)).rejects.toThrow(
      `is the repository of another, not of ${NAME}`,
    );
  });

  test('has to be there', async () => {
    const url = `file://${join(folder.path, 'nowhere')}`;
    await expect(checkAddress({ name: NAME, repository: { url } }, url)).rejects.toThrow(
      `There is no repository with a package.json at ${url}`,
    );
  });
});

describe('the name on the registry', () => {
  /**
   * Puts a script in the place of npm.
   * @param replies what it prints for a command, by its first word
   */
  async function replaceNpm(replies: Record<string, { out?: string; error?: string }>) {
    const script = `
      const { out = '', error } = ${JSON.stringify(replies)}[process.argv[2]];
      console.log(out);
      if (error) { console.error(error); process.exitCode = 1; }`;
    process.env.npm_execpath = join(folder.path, 'npm.js');
    await writeFile(process.env.npm_execpath, script);
  }

  const check = () => checkRegistryName({ name: NAME, repository: { url: URL } });
  const ours = { out: JSON.stringify(URL) };
  const nobody = { error: 'npm error code ENEEDAUTH' };

  test('may be free', async () => {
    await replaceNpm({ view: { error: 'npm error code E404' } });
    await expect(check()).resolves.toBeUndefined();
  });

  test('may belong to the same repository, however its address is written', async () => {
    await replaceNpm({ view: { out: '"https://example.com/Owner/project"' }, whoami: nobody });
    await expect(check()).resolves.toBeUndefined();
  });

  test.each([['"git+https://example.com/other/project.git"'], ['']])(
    'may not belong to another repository: %s',
    async (out) => {
      await replaceNpm({ view: { out } });
      await expect(check()).rejects.toThrow(`${NAME} belongs to somebody else`);
    },
  );

  test('may be published by one of its owners', async () => {
    const owner = { out: 'first <first@example.com>\nsecond <second@example.com>' };
    await replaceNpm({ view: ours, whoami: { out: 'second' }, owner });
    await expect(check()).resolves.toBeUndefined();
  });

  test('may not be published by anybody else', async () => {
    const owner = { out: 'first <first@example.com>' };
    await replaceNpm({ view: ours, whoami: { out: 'fir' }, owner });
    await expect(check()).rejects.toThrow(`fir is not an owner of ${NAME}`);
  });

  test('a release is refused if the registry does not respond', async () => {
    await replaceNpm({ view: { error: 'npm error code ENOTFOUND' } });
    await expect(check()).rejects.toThrow(`npm could not look up ${NAME}`);
  });
});

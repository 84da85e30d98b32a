import $ from 'tinyspawn';
import { npm } from '../install/npm';
import { PROJECT } from '../install/pack';
import { Problem } from '../problem';
import { temporaryFolder } from '../temporaryFolder';

const CLONE_WITHIN_MS = 60_000;

/** What package.json says about the package and its address. */
export interface Manifest {
  name: string;
  repository: { url: string };
}

/**
 * Checks that the address in package.json is the project's own: it is the repository that runs the
 * release, and the package.json there has the same name.
 * @param runsIn address of the repository that runs the release
 * @throws {Problem} if it isn't
 */
export async function checkAddress({ name, repository }: Manifest, runsIn: string): Promise<void> {
  const url = repository.url.replace(/^git\+/, '');
  if (plain(url) !== plain(runsIn))
    throw new Problem(
      `This release runs in ${runsIn}, but package.json names ${url}: ` +
        'put the address of the project into package.json (repository and homepage).',
    );
  const found = await nameInRepository(url);
  if (found !== name)
    throw new Problem(
      `${url} is the repository of ${found}, not of ${name}: ` +
        'put the address of the project into package.json (repository and homepage).',
    );
}

/** The name in the package.json of a repository. @throws {Problem} if there is none */
async function nameInRepository(url: string): Promise<string> {
  const folder = await temporaryFolder('address');
  // Without a prompt: git would ask for a password if there is no public repository.
  const options = {
    timeout: CLONE_WITHIN_MS,
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  };
  try {
    const clone = ['clone', '--quiet', '--depth', '1', '--no-checkout', url, folder.path];
    await $('git', clone, options);
    const { stdout } = await $('git', ['-C', folder.path, 'show', 'HEAD:package.json'], options);
    return (JSON.parse(stdout) as Manifest).name;
  } catch {
    throw new Problem(
      `There is no repository with a package.json at ${url}: create it, ` +
        'or put the address of the project into package.json (repository and homepage).',
    );
  } finally {
    await folder.remove();
  }
}

/**
 * Checks that the name on the npm registry is free or the project's own: the package there has the
 * same repository, and whoever is logged in to npm is one of its owners. With trusted publishing
 * nobody is logged in; then npm itself refuses a publisher that the package does not know.
 * @throws {Problem} if it isn't, or if the registry can't be asked
 */
export async function checkRegistryName({ name, repository }: Manifest): Promise<void> {
  const ask = async (...args: string[]) => await npm(args, { cwd: PROJECT });
  const published = await ask('view', name, 'repository.url', '--json');
  if (published.code !== 0) {
    if (/\bE404\b/.test(published.output)) return;
    throw new Problem(`npm could not look up ${name}: ${published.output}`);
  }
  const theirs = published.stdout === '' ? 'none' : String(JSON.parse(published.stdout));
  if (plain(theirs) !== plain(repository.url))
    throw new Problem(
      `${name} belongs to somebody else on the npm registry: its repository is ${theirs}.`,
    );
  const user = await ask('whoami');
  if (user.code !== 0) return;
  const owners = await ask('owner', 'ls', name);
  // A line for each owner: the name and the mail address.
  const isOwner = owners.stdout.split('\n').some((line) => line.split(' ')[0] === user.stdout);
  if (!isOwner) throw new Problem(`${user.stdout} is not an owner of ${name} on the npm registry.`);
}

/** The address of a repository without what may be written in more than one way. */
function plain(url: string): string {
  return url
    .replace(/^git\+/, '')
    .replace(/\.git$/, '')
    .toLowerCase();
}

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import $, { type TinyspawnResult } from 'tinyspawn';
import { npm, type NpmResult } from './npm';
import type { PinnedPackages } from './pinnedPackages';
import type { OnProgress } from './types';
import { Problem } from '../problem';
import { keptFolder } from '../temporaryFolder';

/** What npm prints if it can't reach the registry. */
const UNREACHABLE = new RegExp(
  '\\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|' +
    'ERR_SOCKET_TIMEOUT)\\b',
);
const COUNT_EVERY_MS = 1000;

/**
 * Installs n8n into `folder`, which holds its package.json and lock file. Install scripts are off.
 * Only two packages need theirs and get them: `node` fetches the binary that n8n runs on, and
 * `sqlite3` fetches or compiles its driver.
 * @throws {Problem} if there is no registry, no compiler or no room, or if the install does not
 * start
 */
export async function buildHost(
  folder: string,
  pinned: PinnedPackages,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<void> {
  onProgress({ text: 'asking the npm registry' });
  await checkRegistry(folder, pinned, signal);
  await installPackages(folder, pinned, onProgress, signal);

  onProgress({ text: `fetching Node ${pinned.version('node')}` });
  const node = await rebuild('node', folder, {}, signal);
  if (node.code !== 0)
    throw await npmProblem('The Node that n8n runs on could not be fetched', node);

  onProgress({ text: 'building the SQLite driver (1 to 2 minutes if it must be compiled)' });
  const headers = nodeHeaders(folder);
  const sqlite = await rebuild(
    'sqlite3',
    folder,
    headers ? { npm_config_nodedir: headers } : {},
    signal,
  );
  if (sqlite.code !== 0) throw await sqliteProblem(sqlite);

  onProgress({ text: 'checking the install' });
  await checkInstall(folder, pinned);
}

/** npm itself tries for minutes before it gives up; one question takes a second. */
async function checkRegistry(
  folder: string,
  pinned: PinnedPackages,
  signal?: AbortSignal,
): Promise<void> {
  const wanted = `n8n@${pinned.version('n8n')}`;
  const args = [
    'view',
    wanted,
    'version',
    '--fetch-retries=0',
    '--fetch-timeout=20000',
    '--prefer-online',
  ];
  const result = await npm(args, { cwd: folder, signal });
  if (result.code !== 0) throw await npmProblem(`${wanted} could not be looked up`, result);
}

async function installPackages(
  folder: string,
  pinned: PinnedPackages,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<void> {
  const total = pinned.wanted.length;
  const count = () => {
    const done = pinned.countPresent(folder);
    // npm first asks for every package, for most of a minute; then they arrive together.
    onProgress({ text: done === 0 ? 'looking up packages' : 'unpacking packages', done, total });
  };
  count();
  const timer = setInterval(count, COUNT_EVERY_MS);
  try {
    // Not `npm ci`: it refuses a lock file without the optional packages of other systems.
    const result = await npm(['install', '--no-audit', '--no-fund', '--no-progress'], {
      cwd: folder,
      signal,
    });
    if (result.code !== 0) throw await npmProblem('n8n could not be installed', result);
  } finally {
    clearInterval(timer);
  }
  count();
}

async function rebuild(
  name: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<NpmResult> {
  return await npm(['rebuild', name], {
    cwd: folder,
    env: { ...env, npm_config_ignore_scripts: 'false' },
    signal,
  });
}

/** The headers that came with the binary, so that compiling needs no download. */
function nodeHeaders(folder: string): string | undefined {
  const names = [
    `node-${process.platform}-${process.arch}`,
    `node-bin-${process.platform}-${process.arch}`,
  ];
  const parents = ['node_modules/node/node_modules', 'node_modules'];
  return parents
    .flatMap((parent) => names.map((name) => join(folder, parent, name)))
    .find((path) => existsSync(join(path, 'include/node/node_api.h')));
}

async function checkInstall(folder: string, pinned: PinnedPackages): Promise<void> {
  const node = join(folder, 'node_modules/node/bin/node');
  // Older n8n has no isolates.
  const natives = ['sqlite3', 'isolated-vm'].filter((name) => pinned.has(name));
  try {
    const load = natives.map((name) => `require('${name}')`).join('; ');
    await $(node, ['-e', load], { cwd: folder });
    await $(node, ['node_modules/n8n/bin/n8n', '--version'], { cwd: folder });
  } catch (error) {
    const { message, stderr = message } = error as Error & Partial<TinyspawnResult>;
    const reason = /^\w*Error: .*/m.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1);
    throw new Problem(`n8n was installed but does not start: ${reason}`);
  }
}

async function npmProblem(what: string, result: NpmResult): Promise<Problem> {
  if (UNREACHABLE.test(result.output)) {
    return new Problem(
      `${what}: the npm registry can't be reached; check the network ` +
        "(or npm's `registry` and `proxy` settings) and try again.",
    );
  }
  if (/\bENOSPC\b/.test(result.output)) {
    return new Problem(
      `${what}: the disk is full; about 2.5 GB are needed in $N8N_NODES_BASETEN_CACHE.`,
    );
  }
  const log = await keep(result.output);
  return new Problem(`${what}: npm ended with code ${result.code}; its output is in ${log}.`);
}

async function sqliteProblem(result: NpmResult): Promise<Problem> {
  const tools: Array<[string, string[]]> = [
    ['python3', ['python3', 'python']],
    ['make', ['make', 'gmake']],
    ['g++', ['g++', 'c++', 'clang++']],
  ];
  const missing = tools.filter(([, names]) => !names.some(onPath)).map(([tool]) => tool);
  if (missing.length > 0) {
    return new Problem(
      "n8n's SQLite driver could not be downloaded and must be compiled, but this machine has no " +
        `${missing.join(', no ')}: install python3, make and g++ ` +
        '(Debian, Ubuntu: `apt-get install python3 make g++`) and try again.',
    );
  }
  return await npmProblem("n8n's SQLite driver could not be compiled", result);
}

function onPath(command: string): boolean {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => existsSync(join(folder, command)));
}

/** Writes npm's output to a file that stays, and returns its path. */
async function keep(output: string): Promise<string> {
  const file = join(await keptFolder('npm'), 'npm.log');
  await writeFile(file, output);
  return file;
}

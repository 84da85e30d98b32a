import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { OnProgress } from './install';
import type { HostLock } from './lock';
import { npm, type NpmResult } from './npm';
import { Problem } from '../problem';

const run = promisify(execFile);
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;
const COUNT_EVERY_MS = 1000;

/**
 * Installs n8n into `folder`, which holds its package.json and lock file.
 * Install scripts are off for all but the two packages that need theirs: `node` fetches the binary n8n runs on,
 * and `sqlite3` fetches or compiles its driver.
 */
export async function buildHost(
  folder: string,
  lock: HostLock,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<void> {
  onProgress({ text: 'asking the npm registry' });
  await checkRegistry(folder, lock, signal);
  await installPackages(folder, lock, onProgress, signal);

  onProgress({ text: `fetching Node ${lock.version('node')}` });
  const node = await rebuild('node', folder, {}, signal);
  if (node.code !== 0)
    throw await npmProblem('The Node that n8n runs on could not be fetched', node);

  onProgress({ text: 'building the SQLite driver (1 to 2 minutes where it must be compiled)' });
  const headers = nodeHeaders(folder);
  const sqlite = await rebuild(
    'sqlite3',
    folder,
    headers ? { npm_config_nodedir: headers } : {},
    signal,
  );
  if (sqlite.code !== 0) throw await sqliteProblem(sqlite);

  onProgress({ text: 'checking the install' });
  await checkInstall(folder, lock);
}

/** npm itself tries for minutes before it gives up; one question says the same in a second. */
async function checkRegistry(folder: string, lock: HostLock, signal?: AbortSignal): Promise<void> {
  const wanted = `n8n@${lock.version('n8n')}`;
  const args = [
    'view',
    wanted,
    'version',
    '--fetch-retries=0',
    '--fetch-timeout=20000',
    '--prefer-online',
  ];
  const answer = await npm(args, { cwd: folder, signal });
  if (answer.code !== 0) throw await npmProblem(`${wanted} could not be looked up`, answer);
}

async function installPackages(
  folder: string,
  lock: HostLock,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<void> {
  const total = lock.wanted.length;
  const count = () => {
    const done = lock.countPresent(folder);
    // npm first asks for every package, for most of a minute; then they arrive together.
    onProgress({ text: done === 0 ? 'looking up packages' : 'unpacking packages', done, total });
  };
  count();
  const timer = setInterval(count, COUNT_EVERY_MS);
  try {
    // Not `npm ci`: it refuses lock files whose optional parts for other systems were left out.
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

async function checkInstall(folder: string, lock: HostLock): Promise<void> {
  const node = join(folder, 'node_modules/node/bin/node');
  // Older n8n has no isolates.
  const natives = ['sqlite3', 'isolated-vm'].filter((name) => lock.has(name));
  try {
    await run(node, ['-e', natives.map((name) => `require('${name}')`).join('; ')], {
      cwd: folder,
    });
    await run(node, ['node_modules/n8n/bin/n8n', '--version'], { cwd: folder });
  } catch (error) {
    const reason = (error as Error).message.trim().split('\n').at(-1);
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
  return new Problem(`${what}: npm ended with code ${result.code}; what it said is in ${log}.`);
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

async function keep(output: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-npm-')), 'npm.log');
  await writeFile(file, output);
  return file;
}

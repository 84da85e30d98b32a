import { constants } from 'node:os';
import $ from 'tinyspawn';

/** What an npm command printed, and the code it ended with. */
export interface NpmResult {
  /** 0 if the command succeeded. A command that a signal ended has 128 and the signal's number. */
  code: number;
  /** What it printed as its result. */
  stdout: string;
  /** All that it printed, with warnings and errors. */
  output: string;
}

/** How an npm command is run. */
export interface NpmOptions {
  /** The folder it runs in. */
  cwd: string;
  /** Added to the environment of this process. */
  env?: NodeJS.ProcessEnv;
  /** Ends the command. */
  signal?: AbortSignal;
}

/**
 * Runs npm. If npm started us, the same npm is used, so that `npx npm@11 run demo` stays on npm 11.
 * A command that fails is a result, too.
 * @throws {Error} if npm can't be started, or if `signal` aborts
 */
export async function npm(args: string[], { cwd, env, signal }: NpmOptions): Promise<NpmResult> {
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  const { exitCode, signalCode, stdout, stderr } = await $(command, [...first, ...args], {
    cwd,
    env: { ...outsideThisPackage(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && command === 'npm',
    signal,
    reject: false,
  });
  const code = exitCode ?? 128 + (signalCode ? constants.signals[signalCode] : 0);
  return { code, stdout, output: [stdout, stderr].join('\n').trim() };
}

/**
 * `npm run` describes its own package to its scripts; an npm for another folder must not see that.
 */
function outsideThisPackage(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = /^npm_(package_|lifecycle_|command$|config_(local_prefix|prefix|workspace))/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}

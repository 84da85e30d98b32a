import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** What an npm command printed, and the code it ended with. */
export interface NpmResult {
  code: number;
  output: string;
}

export interface NpmOptions {
  cwd: string;
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/**
 * Runs npm: the one that started us where there is one, so that a `npx npm@11 run demo` stays on npm 11.
 * Never throws for a failed command; rejects only when npm can't be started or `signal` aborts.
 */
export async function npm(args: string[], { cwd, env, signal }: NpmOptions): Promise<NpmResult> {
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  return await new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], {
      cwd,
      env: { ...outsideThisPackage(process.env), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
      signal,
      killSignal: 'SIGTERM',
    });
    let output = '';
    const keep = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code, killedBy) =>
      resolve({ code: code ?? 128 + (killedBy ? constants.signals[killedBy] : 0), output }),
    );
  });
}

/** `npm run` describes its own package to its scripts; an npm for another folder must not see that. */
function outsideThisPackage(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = /^npm_(package_|lifecycle_|command$|config_(local_prefix|prefix|workspace))/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}

import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { freePort } from '../ports';
import { Problem } from '../problem';
import { Service } from '../service';

const READY = 'Ready to accept connections';
const READY_WITHIN_MS = 10_000;

/** A Redis of our own on loopback. After a kill it has lost at most the last second. */
export interface Redis {
  port: number;
  pid: number;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Ends it with this signal and keeps its data. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it politely. */
  stop(): Promise<void>;
}

/**
 * Starts Redis on a free port.
 * @param folder is made for its data; the caller removes it
 * @throws {Problem} if Redis is not installed
 */
export async function startRedis(folder: string): Promise<Redis> {
  const command = requireOnPath('redis-server', 'redis-server');
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  let service: Service;
  const start = async () => {
    service = new Service({ name: 'Redis', command, args, cwd: folder });
    await service.ready(READY, READY_WITHIN_MS);
  };
  await start();
  return {
    port,
    get pid() {
      return service.pid;
    },
    start,
    kill: (signal) => service.kill(signal),
    stop: () => service.stop(),
  };
}

/**
 * Returns the path of an installed program.
 * @param debianPackage the package that has it
 * @param more folders to look in besides `PATH`
 * @throws {Problem} that names the package, if the program is missing
 */
export function requireOnPath(program: string, debianPackage: string, more: string[] = []): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...more];
  const found = folders.map((folder) => join(folder, program)).find(isExecutable);
  if (found) return found;
  throw new Problem(
    `${program} is not installed: install it first ` +
      `(Debian and Ubuntu: apt-get install ${debianPackage}).`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../ports';
import { requireOnPath } from '../queue/redis';
import { Service } from '../service';
import { temporaryFolder } from '../temporaryFolder';

/** The configuration that `docs/scaling.md` shows. */
export const CADDYFILE = join(__dirname, 'Caddyfile');

const READY = 'serving initial configuration';
const READY_WITHIN_MS = 10_000;

/** Caddy in front of n8n, on loopback, with the configuration of the docs. */
export interface Proxy {
  /** What URLs of n8n begin with. */
  url: string;
  port: number;
  /** How many responses each n8n process has given, by its port. */
  responses(): Promise<Map<number, number>>;
  /** Ends it and removes what it left. */
  close(): Promise<void>;
}

/** Whether Caddy is installed. */
export function hasProxy(): boolean {
  try {
    return Boolean(requireOnPath('caddy', 'caddy'));
  } catch {
    return false;
  }
}

/**
 * Starts Caddy in front of an n8n, which may start later.
 * @param at the port of n8n's main process, and those of its webhook processors if it has some
 * @param port where to listen; a free one by default
 * @throws {Problem} if Caddy is not installed
 */
export async function startProxy(
  { main, webhooks = [main] }: { main: number; webhooks?: number[] },
  port?: number,
): Promise<Proxy> {
  const command = requireOnPath('caddy', 'caddy');
  const listen = port ?? (await freePort());
  const folder = await temporaryFolder('proxy');
  const log = join(folder.path, 'proxy.log');
  const config = join(folder.path, 'Caddyfile');
  await writeFile(config, onLoopback(log));
  const service = new Service({
    name: 'Caddy',
    command,
    args: ['run', '--config', config, '--adapter', 'caddyfile'],
    cwd: folder.path,
    env: {
      ...process.env,
      DOMAIN: `http://:${listen}`,
      N8N_MAIN: address(main),
      N8N_WEBHOOKS: webhooks.map(address).join(' '),
      XDG_CONFIG_HOME: folder.path,
      XDG_DATA_HOME: folder.path,
    },
  });
  const close = async () => {
    await service.stop('SIGKILL');
    await folder.remove();
  };
  try {
    await service.ready(READY, READY_WITHIN_MS);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: `http://${address(listen)}`,
    port: listen,
    responses: async () => countResponses(await readFile(log, 'utf8')),
    close,
  };
}

const address = (port: number) => `127.0.0.1:${port}`;

/** The configuration of the docs, on loopback, without an admin port, and with a log of its own. */
function onLoopback(log: string): string {
  return `{
	admin off
	default_bind 127.0.0.1
	log responses {
		include http.handlers.reverse_proxy
		level DEBUG
		output file ${log} {
			roll_disabled
		}
	}
}
import ${CADDYFILE}
`;
}

function countResponses(log: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const line of log.split('\n')) {
    if (!line.includes('"upstream roundtrip"')) continue;
    const { upstream, status } = JSON.parse(line) as { upstream: string; status?: number };
    const port = Number(upstream.split(':').at(-1));
    if (status !== undefined) counts.set(port, (counts.get(port) ?? 0) + 1);
  }
  return counts;
}

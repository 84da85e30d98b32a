import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../ports';
import { requireOnPath } from '../queue/redis';
import { Service } from '../service';
import { temporaryFolder } from '../temporaryFolder';

/** The configurations that `docs/proxy.md` shows. */
export const CADDYFILE = join(__dirname, 'Caddyfile');
export const HAPROXY_CFG = join(__dirname, 'haproxy.cfg');

const READY = 'serving initial configuration';
/** What HAProxy prints when it listens. */
const LIMIT_READY = 'Loading success';
const READY_WITHIN_MS = 10_000;
/** A path of n8n's main process, and one of its webhook processors. */
const PASSED_ON = ['/healthz/readiness', '/webhook/'];
const PASSES_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Caddy in front of n8n, and perhaps HAProxy, on loopback, with the configuration of the docs. */
export interface Proxy {
  /** What URLs of n8n begin with. */
  url: string;
  port: number;
  /**
   * Waits until it passes requests on. It sees only at its next look that an n8n has started.
   * @throws {Error} after a minute
   */
  passes(): Promise<void>;
  /** How many responses each n8n process has given, by its port; those to `passes` don't count. */
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

/** What is behind the proxy, and where it listens. */
export interface ProxyOptions {
  /** The port of n8n's main process. */
  main: number;
  /** The ports of n8n's webhook processors, if it has some. */
  webhooks?: number[];
  /** Where to listen; a free port by default. */
  port?: number;
  /** Whether HAProxy limits what one source may send. */
  withLimit?: boolean;
}

/**
 * Starts the proxy in front of an n8n, which may start later.
 * @throws {Problem} if Caddy or HAProxy is not installed
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { main, webhooks = [main], withLimit } = options;
  const listen = options.port ?? (await freePort());
  const back = await freePort();
  const limitPort = withLimit ? await freePort() : back;
  const folder = await temporaryFolder('proxy');
  const log = join(folder.path, 'proxy.log');
  const services: Service[] = [];
  const close = async () => {
    await Promise.all(services.map(async (service) => await service.stop('SIGKILL')));
    await folder.remove();
  };
  try {
    const config = join(folder.path, 'Caddyfile');
    await writeFile(config, onLoopback(log));
    const caddy = new Service({
      name: 'Caddy',
      command: requireOnPath('caddy', 'caddy'),
      args: ['run', '--config', config, '--adapter', 'caddyfile'],
      cwd: folder.path,
      env: {
        ...process.env,
        DOMAIN: `http://:${listen}`,
        LIMIT: address(limitPort),
        BACK: String(back),
        N8N_MAIN: address(main),
        N8N_WEBHOOKS: webhooks.map(address).join(' '),
        XDG_CONFIG_HOME: folder.path,
        XDG_DATA_HOME: folder.path,
      },
    });
    services.push(caddy);
    await caddy.ready(READY, READY_WITHIN_MS);
    if (withLimit) {
      const limit = new Service({
        name: 'HAProxy',
        command: requireOnPath('haproxy', 'haproxy', ['/usr/sbin']),
        args: ['-W', '-f', HAPROXY_CFG],
        cwd: folder.path,
        env: { ...process.env, LISTEN: address(limitPort), CADDY: address(back) },
      });
      services.push(limit);
      await limit.ready(LIMIT_READY, READY_WITHIN_MS);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const url = `http://${address(listen)}`;
  return {
    url,
    port: listen,
    async passes() {
      const deadline = Date.now() + PASSES_WITHIN_MS;
      for (const path of PASSED_ON) {
        while ((await fetch(url + path)).status >= 500) {
          if (Date.now() > deadline) throw new Error(`The proxy does not pass on ${path}.`);
          await pause(LOOK_EVERY_MS);
        }
      }
    },
    responses: async () => countResponses(await readFile(log, 'utf8'), [main, ...webhooks]),
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

/** What Caddy logs of a response. */
interface Roundtrip {
  upstream: string;
  status?: number;
  request: { uri: string };
}

/** @param ports those of n8n's processes; other responses are those of the parts of the proxy */
function countResponses(log: string, ports: number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const line of log.split('\n')) {
    if (!line.includes('"upstream roundtrip"')) continue;
    const { upstream, status, request } = JSON.parse(line) as Roundtrip;
    if (PASSED_ON.includes(request.uri)) continue;
    const port = Number(upstream.split(':').at(-1));
    if (status !== undefined && ports.includes(port)) counts.set(port, (counts.get(port) ?? 0) + 1);
  }
  return counts;
}

import { join } from 'node:path';
import { Agent, request } from 'undici';
import { freePort } from '../ports';
import { startProcess } from '../ownProcess';

export const API_KEY = 'emulator-key';

/** What clients did since `reset`. */
export interface Counters {
  requests: number;
  /** TCP connections that they opened. */
  connections: number;
  /** The most requests that were in flight at once. */
  peakInFlight: number;
}

/** The emulator in a process of its own. */
export interface EmulatorProcess {
  url: string;
  port: number;
  pid: number;
  reset(): Promise<void>;
  counters(): Promise<Counters>;
  /** Closes the connections on which nothing is under way. */
  closeIdle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it; over TLS where there are files with a key and a certificate. */
export async function startEmulatorProcess(tls?: {
  keyFile: string;
  certFile: string;
}): Promise<EmulatorProcess> {
  const port = await freePort();
  const tlsArguments = tls ? ['--tls-key', tls.keyFile, '--tls-cert', tls.certFile] : [];
  const main = join(__dirname, '../../emulator/main.ts');
  const { pid, stop } = await startProcess(main, ['--port', String(port), ...tlsArguments]);
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  // Without keep-alive, so that what is asked here leaves no connection behind. The emulator is on loopback and ours.
  const dispatcher = new Agent({ pipelining: 0, connect: { rejectUnauthorized: false } });
  const ask = async (method: 'GET' | 'DELETE', path: string): Promise<unknown> => {
    const { body } = await request(`${url}/__emulator/${path}`, {
      method,
      dispatcher,
      reset: true,
    });
    const text = await body.text();
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    url,
    port,
    pid,
    reset: async () => void (await ask('DELETE', 'requests')),
    async counters() {
      const { requests, connections, peakInFlight } = (await ask('GET', 'requests')) as Counters & {
        requests: unknown[];
      };
      // One connection is that of the question.
      return { requests: requests.length, connections: connections - 1, peakInFlight };
    },
    closeIdle: async () => void (await ask('DELETE', 'connections')),
    async stop() {
      await dispatcher.close();
      await stop();
    },
  };
}

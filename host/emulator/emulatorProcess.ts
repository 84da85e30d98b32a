import { Agent, request } from 'undici';
import { startEmulator, type TlsIdentity } from '../../emulator';
import { ForkedTask } from '../forkedTask';

/** The key that the emulator accepts. */
export const API_KEY = 'emulator-key';

/** What clients did since `reset`. */
interface Counters {
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
  /** Sets the counters to 0. */
  reset(): Promise<void>;
  counters(): Promise<Counters>;
  /** Closes the connections that no request uses now. */
  closeIdle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the emulator. @param tls a key and a certificate; without them it speaks plain HTTP */
export async function startEmulatorProcess(tls?: TlsIdentity): Promise<EmulatorProcess> {
  const task = new ForkedTask<TlsIdentity | undefined, string>(__filename, 'openEmulator');
  const { result: url } = await task.run(tls);
  // Without keep-alive, so that our own questions leave no connection behind. The certificate is
  // our own.
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
    port: Number(new URL(url).port),
    pid: task.pid,
    reset: async () => void (await ask('DELETE', 'requests')),
    async counters() {
      const { requests, connections, peakInFlight } = (await ask('GET', 'requests')) as Counters & {
        requests: unknown[];
      };
      // One of the connections is the one of this question.
      return { requests: requests.length, connections: connections - 1, peakInFlight };
    },
    closeIdle: async () => void (await ask('DELETE', 'connections')),
    async stop() {
      await dispatcher.close();
      await task.close();
    },
  };
}

/**
 * Opens the emulator in its process. Returns its URL. It is open until the process ends.
 * @public The forked task calls it by its name.
 */
export async function openEmulator(tls?: TlsIdentity): Promise<string> {
  return (await startEmulator({ tls })).url;
}

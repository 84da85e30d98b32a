import { Agent, request } from 'undici';
import { type EmulatorOptions, startEmulator, type TlsIdentity } from '../../emulator';
import { ForkedTask } from '../forkedTask';

/** The key that the emulator accepts. */
export const API_KEY = 'emulator-key';
/** A second one, for inference only. */
export const SECOND_KEY = 'emulator-inference-only-key';

/** A request as the emulator tells of it, with its times in ms since the epoch. */
export interface SeenRequest {
  path: string;
  headers: Record<string, string>;
  body: string;
  status: number | null;
  receivedAt: number;
  /** When a replica began to work on it; null if none did. */
  begunAt: number | null;
  endedAt: number | null;
}

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
  /** The requests since `reset`, oldest first. */
  requests(): Promise<SeenRequest[]>;
  /**
   * Changes what the emulator is: one of its own routes, which docs/custom-endpoints.md lists.
   * @throws {Error} with the emulator's words if it refuses
   */
  control(method: 'PUT' | 'PATCH', path: string, body: unknown): Promise<void>;
  /** Closes the connections that no request uses now. */
  closeIdle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the emulator.
 * @param tls a key and a certificate; without them it speaks plain HTTP
 * @param options its other options, as far as they can be sent to a process
 */
export async function startEmulatorProcess(
  tls?: TlsIdentity,
  options: Pick<EmulatorOptions, 'maxRecordedRequests'> = {},
): Promise<EmulatorProcess> {
  const task = new ForkedTask<EmulatorOptions, string>(__filename, 'openEmulator');
  const { result: url } = await task.run({ ...options, tls });
  // Without keep-alive, so that our own questions leave no connection behind. The certificate is
  // our own.
  const dispatcher = new Agent({ pipelining: 0, connect: { rejectUnauthorized: false } });
  const ask = async (
    method: 'GET' | 'DELETE' | 'PUT' | 'PATCH',
    path: string,
    content?: unknown,
  ): Promise<unknown> => {
    const { body, statusCode } = await request(`${url}/__emulator/${path}`, {
      method,
      dispatcher,
      reset: true,
      ...(content !== undefined && {
        body: JSON.stringify(content),
        headers: { 'content-type': 'application/json' },
      }),
    });
    const text = await body.text();
    if (statusCode >= 400) throw new Error(`The emulator refused ${path}: ${text}`);
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
    requests: async () => ((await ask('GET', 'requests')) as { requests: SeenRequest[] }).requests,
    control: async (method, path, body) => void (await ask(method, path, body)),
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
export async function openEmulator(options: EmulatorOptions): Promise<string> {
  return (await startEmulator(options)).url;
}

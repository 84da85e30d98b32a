import {
  type Emulator,
  type EmulatorOptions,
  type ManualClock,
  manualClock,
  startEmulator,
} from '../../../emulator';
import { onStop } from './stopping';

/** A response with its body read. */
export interface TestResponse {
  status: number;
  headers: Headers;
  bytes: Buffer;
  text: string;
  // A test knows what it asked for.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any;
}

/** A running emulator, its clock, and functions that send requests to it with the full key. */
export interface TestEmulator {
  emulator: Emulator;
  clock: ManualClock;
  /** A string, bytes or a form are sent as they are, any other body as JSON. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<TestResponse>;
  get(path: string): Promise<TestResponse>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<TestResponse>;
}

/**
 * Starts an emulator on a free port, with a clock that only the test moves. `stopAll` closes it.
 */
export async function startTestEmulator(options: EmulatorOptions = {}): Promise<TestEmulator> {
  const clock = manualClock();
  const emulator = await startEmulator({ clock, ...options });
  onStop(() => emulator.close());
  const send: TestEmulator['send'] = async (method, path, body, headers = {}) => {
    const isForm = body instanceof FormData;
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body) || isForm;
    const type: Record<string, string> =
      body === undefined || isForm ? {} : { 'content-type': 'application/json' };
    const response = await fetch(emulator.url + path, {
      method,
      headers: { authorization: `Bearer ${emulator.apiKey}`, ...type, ...headers },
      body:
        body === undefined
          ? undefined
          : ((isRaw ? body : JSON.stringify(body)) as string | FormData),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('utf8');
    const mediaType = response.headers.get('content-type');
    const isJson = mediaType?.startsWith('application/json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  };
  return {
    emulator,
    clock,
    send,
    get: (path) => send('GET', path),
    post: (path, body, headers) => send('POST', path, body, headers),
  };
}

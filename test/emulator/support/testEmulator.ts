import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Emulator,
  type EmulatorOptions,
  type ManualClock,
  manualClock,
  startEmulator,
} from '../../../emulator';

/** An answer with its body read. */
export interface Answer {
  status: number;
  headers: Headers;
  bytes: Buffer;
  text: string;
  // A test knows what it asked for.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any;
}

export interface Bench {
  emulator: Emulator;
  clock: ManualClock;
  /** Sends a request with the full key; a body that isn't a string, bytes or a form goes as JSON. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

const running: Array<() => Promise<void>> = [];

/** Stops everything that `bench` and `receiver` started. Every test file runs it after each test. */
export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((stop) => stop()));
}

/** An emulator on a free port with a clock that only the test moves. */
export async function bench(options: EmulatorOptions = {}): Promise<Bench> {
  const clock = manualClock();
  const emulator = await startEmulator({ clock, ...options });
  running.push(() => emulator.close());
  const send: Bench['send'] = async (method, path, body, headers = {}) => {
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body) || body instanceof FormData;
    const type: Record<string, string> =
      body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' };
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
    const isJson =
      response.headers.get('content-type')?.startsWith('application/json') && text !== '';
    const { status, headers: answered } = response;
    return { status, headers: answered, bytes, text, json: isJson ? JSON.parse(text) : undefined };
  };
  return {
    emulator,
    clock,
    send,
    get: (path) => send('GET', path),
    post: (path, body, headers) => send('POST', path, body, headers),
  };
}

export interface Received {
  headers: Record<string, string | string[] | undefined>;
  rawHeaders: string[];
  method: string;
  body: Buffer;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Statuses to answer with, in order; 200 after the last one, `'silent'` never answers, `'reset'` cuts. */
  answers: Array<number | 'silent' | 'reset'>;
}

/** A webhook receiver on a free port. */
export async function receiver(answers: Receiver['answers'] = []): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers, rawHeaders, method = '' } = request;
      received.push({ headers, rawHeaders, method, body: Buffer.concat(chunks) });
      const answer = answers.shift() ?? 200;
      if (answer === 'reset') request.socket.destroy();
      else if (answer !== 'silent') response.writeHead(answer).end('noted');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answers,
  };
}

/** Waits, without time passing on any clock of the test, until `check` holds. Throws after 5 s. */
export async function eventually(check: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 5_000;
  while (!check()) {
    if (Date.now() > giveUpAt) throw new Error(`Never became true: ${check}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A promise and the function that settles it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

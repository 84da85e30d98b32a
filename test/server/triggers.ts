import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Emulator, signatureHeader } from '../../emulator';
import type { N8nApi } from '../../host/n8n/api';
import type { RunItem } from '../../host/n8n/run';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { randomFrom } from '../../emulator/models/hash';

const POLL_MS = 100;
const ENDED_WITHIN_MS = 60_000;
const ONE_PAGE = 100;

/** A workflow of a Baseten Trigger and a node behind it. n8n serves it under `webhookId`. */
export function triggerWorkflow(
  webhookId: string,
  parameters: Record<string, unknown> = {},
): WorkflowJson {
  return {
    name: `Trigger ${webhookId}`,
    nodes: [
      {
        id: webhookId,
        name: 'Trigger',
        type: 'n8n-nodes-baseten.basetenTrigger',
        typeVersion: 2,
        position: [0, 0],
        parameters,
        credentials: { basetenApi: { id: 'baseten-demo', name: 'Baseten' } },
        webhookId,
      } as WorkflowJson['nodes'][0],
      {
        id: 'next',
        name: 'Next',
        type: 'n8n-nodes-base.noOp',
        typeVersion: 1,
        position: [220, 0],
        parameters: {},
      },
    ],
    connections: { Trigger: { main: [[{ node: 'Next', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1' },
  };
}

/** A workflow that submits an async request to the echo model. */
export function submitWorkflow(parameters: Record<string, unknown>): WorkflowJson {
  return {
    name: 'Submit',
    nodes: [
      {
        id: 'start',
        name: 'Start',
        type: 'n8n-nodes-base.manualTrigger',
        typeVersion: 1,
        position: [0, 0],
        parameters: {},
      },
      {
        id: 'submit',
        name: 'Submit',
        type: 'n8n-nodes-baseten.baseten',
        typeVersion: 1,
        position: [220, 0],
        parameters: {
          resource: 'model',
          operation: 'submitAsync',
          modelId: { __rl: true, mode: 'id', value: 'echo0001' },
          inputMode: 'json',
          input: '{}',
          delivery: 'webhook',
          ...parameters,
        },
        credentials: { basetenApi: { id: 'baseten-demo', name: 'Baseten' } },
      },
    ],
    connections: { Start: { main: [[{ node: 'Submit', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1' },
  };
}

/** What Baseten posts, sent now unless `more` says otherwise. */
export function payload(requestId: string, more: Record<string, unknown> = {}) {
  return {
    request_id: requestId,
    model_id: 'echo0001',
    deployment_id: 'echo0pr',
    type: 'async_request_completed',
    time: new Date().toISOString(),
    data: { of: requestId },
    errors: [],
    ...more,
  };
}

/** `count` request IDs that no other test has. */
export function idsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/**
 * Asks until it is so; throws when the deadline passes. A question that fails is asked again: an n8n that is
 * swamped answers 503.
 */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs = ENDED_WITHIN_MS,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await isSo().catch((error: Error) => error);
    if (answer === true) return;
    if (Date.now() > deadline) {
      const why = answer instanceof Error ? ` (${answer.message})` : '';
      throw new Error(`Not so after ${withinMs / 1000} s: ${what}${why}`);
    }
    await pause(POLL_MS);
  }
}

/** Every item the trigger gave, once all executions of the workflow have ended; the oldest first. */
export async function received(api: N8nApi, workflowId: string): Promise<RunItem[]> {
  const hasEnded = ({ status }: { status: string }) =>
    !['new', 'running', 'unknown'].includes(status);
  await until('all executions have ended', async () =>
    (await api.executions(workflowId)).every(hasEnded),
  );
  const executions = await api.executions(workflowId);
  if (executions.length >= ONE_PAGE) throw new Error('more executions than n8n lists at once');
  const items: RunItem[] = [];
  for (const { id } of executions.reverse()) {
    const run = await api.waitFor(id);
    if (run.error) throw new Error(run.error);
    items.push(...run.items('Trigger'));
  }
  return items;
}

/** Which requests were received, in alphabetical order: one that came in twice is there twice. */
export async function receivedIds(api: N8nApi, workflowId: string): Promise<string[]> {
  return (await received(api, workflowId)).map(({ json }) => String(json.request_id)).sort();
}

/** Sends a genuine delivery and hangs up as soon as it is out, without waiting for the answer. */
export async function sendAndHangUp(emulator: Emulator, url: string, body: object): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const bytes = Buffer.from(JSON.stringify(body));
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
    `X-Baseten-Signature: ${signatureHeader(bytes, emulator.webhookSecrets)}`,
  ];
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection(Number(port), hostname);
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]), () =>
      socket.destroy(),
    );
  });
}

/** A request that is no genuine delivery, whatever it looks like. */
export interface HostileRequest {
  query: string;
  headers: Record<string, string>;
  body: Buffer;
}

const ODD_VALUES: unknown[] = [
  null,
  0,
  '',
  'v1=',
  [],
  {},
  [[[]]],
  true,
  { toString: 1 },
  '\u0000',
  '😀',
];
const ODD_TYPES = [
  'application/json',
  'application/json',
  'application/json; charset=utf-16le',
  'application/json; charset=none-such',
  'text/plain',
  'application/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'nonsense',
];
const ODD_QUERIES = [
  '',
  '?baseten_metadata=%00',
  '?baseten_metadata[a]=1',
  '?__proto__[x]=1',
  '?a=b&a',
];

/**
 * Requests that someone without the secret could make, and signed ones that are no async result. A seed always
 * gives the same.
 */
export function hostileRequests(seed: number, count: number, secret: string): HostileRequest[] {
  const next = randomFrom(seed);
  const upTo = (limit: number) => Math.floor(next() * limit);
  const one = <T>(values: T[]): T => values[upTo(values.length)] as T;
  const noise = (most: number) => Buffer.from(Array.from({ length: upTo(most) }, () => upTo(256)));
  const genuine = () => Buffer.from(JSON.stringify(payload(`hostile-${upTo(1e9)}`)));
  const signed = (body: Buffer) => signatureHeader(body, [secret]) as string;
  const forged = (body: Buffer) =>
    one([
      'v1=',
      `v1=${noise(64).toString('hex')}`,
      `v1=${'z'.repeat(64)}`,
      signatureHeader(body, ['whsec_another']) as string,
      signed(body).slice(0, -1 - upTo(60)),
      signed(body).replace('v1=', 'v2='),
      signed(body).replace(',', ' '.repeat(9)).slice(3),
      `${'v1=0,'.repeat(200)}${signed(body)}`,
      noise(200).toString('base64'),
    ]);
  const kinds: Array<() => { body: Buffer; signature?: string }> = [
    () => ({ body: noise(2_000), signature: signed(genuine()) }),
    () => ({ body: genuine() }),
    () => {
      const body = genuine();
      return { body, signature: forged(body) };
    },
    () => {
      const body = genuine();
      const signature = signed(body);
      const at = upTo(body.length);
      body[at] = (body[at] as number) ^ (1 << upTo(7));
      return { body, signature };
    },
    () => {
      const body = Buffer.from(`${'['.repeat(upTo(5_000))}${']'.repeat(upTo(5_000))}`);
      return { body, signature: signed(body) };
    },
    () => {
      const [key, value] = [
        one(['request_id', 'type', 'time', '__proto__', 'constructor']),
        one(ODD_VALUES),
      ];
      const isField = key in payload('x') && Object.hasOwn(payload('x'), key);
      const changed = isField ? payload('x', { [key]: value }) : { [key]: value };
      const body = Buffer.from(
        JSON.stringify(one([changed, [changed], value, { ...changed, type: 'x' }])),
      );
      return { body, signature: signed(body) };
    },
  ];
  return Array.from({ length: count }, () => {
    const { body, signature } = one(kinds)();
    const headers: Record<string, string> = { 'content-type': one(ODD_TYPES) };
    if (signature !== undefined) headers['x-baseten-signature'] = signature;
    return { query: one(ODD_QUERIES), headers, body };
  });
}

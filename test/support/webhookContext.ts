import { createHmac } from 'crypto';

import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';

import type { HttpReply } from '../../nodes/shared/webhook/delivery';
import { randomFrom } from '../../emulator/models/hash';

export const NOW = Date.parse('2026-01-01T12:00:00Z');
export const SECRET = 'whsec_first';
export const OTHER_SECRET = 'whsec_second';

/** A result as Baseten delivers it, sent right now, with some fields changed; `undefined` takes a field away. */
export function resultBody(fields: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({
      request_id: 'req-1',
      model_id: 'abcd1234',
      deployment_id: 'dep-1',
      type: 'async_request_completed',
      time: new Date(NOW).toISOString(),
      data: { output: 'ok' },
      errors: [],
      ...fields,
    }),
  );
}

/** The hexadecimal HMAC of a body. */
export function hmac(body: Buffer, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** The signature header of a body: one signature for each secret. */
export function signed(body: Buffer, ...secrets: string[]): string {
  return secrets.map((secret) => `v1=${hmac(body, secret)}`).join(',');
}

/** A response as express has it: answering it twice throws. */
export class FakeAnswer implements HttpReply {
  statusCode = 200;
  headersSent = false;
  body: unknown;
  /** How often it was answered. */
  answers = 0;

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  json(body: unknown): void {
    if (this.headersSent) throw new Error('Cannot set headers after they are sent to the client');
    this.body = body;
    this.end();
  }

  end(): void {
    this.headersSent = true;
    this.answers++;
  }
}

export interface WebhookSettings {
  body?: Buffer;
  headers?: Record<string, unknown>;
  query?: Record<string, unknown>;
  /** The webhook secret of the credential; `undefined`: the node has no credential. */
  secret?: string;
  /** Parameters that are not at their defaults; one that holds an error throws it. */
  parameters?: Record<string, unknown>;
  staticData?: IDataObject;
  mode?: 'webhook' | 'manual';
  /** The same ID is the same trigger; by default each context is another one's. */
  nodeId?: string;
}

let contexts = 0;

/** What n8n gives a webhook, and what can be seen of it afterwards. Without headers the body is signed. */
export function webhookContext(settings: WebhookSettings = {}) {
  const {
    body = resultBody(),
    query = {},
    parameters = {},
    staticData = {},
    mode = 'webhook',
  } = settings;
  const secret = 'secret' in settings ? settings.secret : SECRET;
  const headers = settings.headers ?? { 'x-baseten-signature': signed(body, SECRET) };
  const nodeId = settings.nodeId ?? `node-${++contexts}`;
  const answer = new FakeAnswer();
  const log: string[] = [];
  const request = { rawBody: body, headers, query };
  const write = (message: string, more?: unknown) => log.push(JSON.stringify([message, more]));
  const context = {
    getNode: () => ({
      id: nodeId,
      name: 'Results',
      type: 'x',
      ...(secret !== undefined && { credentials: { basetenApi: {} } }),
    }),
    getWorkflow: () => ({ id: 'workflow-1' }),
    getCredentials: async () => ({ apiKey: 'key-123', webhookSecret: secret }),
    getNodeParameter: (name: string, fallback: unknown) => {
      const value = name in parameters ? parameters[name] : fallback;
      if (value instanceof Error) throw value;
      return value;
    },
    getMode: () => mode,
    getWorkflowStaticData: () => staticData,
    getRequestObject: () => request,
    getResponseObject: () => answer,
    logger: { error: write, warn: write, info: write, debug: write },
    helpers: {
      prepareBinaryData: async (content: Buffer, _name: unknown, mimeType = 'text/plain') => ({
        data: content.toString('base64'),
        mimeType,
      }),
    },
  } as unknown as IWebhookFunctions;
  return { context, answer, log, staticData };
}

export interface Hostile {
  body: Buffer;
  headers: Record<string, unknown>;
  query: Record<string, unknown>;
}

/** Makes what a stranger may post: the genuine body changed, or of any shape, under a header that signs none of it. */
export function hostileDeliveries(seed: number): () => Hostile {
  const random = randomFrom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(values: T[]): T => values[below(values.length)] as T;
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
  const genuine = resultBody();

  const value = (depth: number): unknown =>
    pick<() => unknown>([
      () => null,
      () => below(2) === 0,
      () => pick([0, -1, 1e308, NOW]),
      () =>
        pick([
          '',
          'req-1',
          '__proto__',
          '\u0000',
          '\ud800',
          '👋',
          new Date(NOW).toISOString(),
          'async_request_completed',
        ]),
      () => (depth > 3 ? [] : Array.from({ length: below(3) }, () => value(depth + 1))),
      () => (depth > 3 ? {} : record(depth + 1)),
    ])();
  const names = [
    'request_id',
    'type',
    'time',
    'errors',
    'data',
    'model_id',
    'constructor',
    'length',
    'toString',
  ];
  const record = (depth: number): object =>
    Object.fromEntries(Array.from({ length: below(6) }, () => [pick(names), value(depth)]));
  const changed = () => {
    const copy = Buffer.from(genuine);
    const at = below(copy.length);
    copy[at] = (copy[at] as number) ^ (1 + below(255));
    return copy;
  };

  const body = pickMaker([
    changed,
    () => genuine.subarray(0, below(genuine.length)),
    () => Buffer.concat([genuine, bytes(1 + below(4))]),
    () => bytes(below(200)),
    () => Buffer.from(JSON.stringify(value(0))),
    () => resultBody({ [pick(names)]: value(0) }),
    () => Buffer.from('['.repeat(below(2000))),
    () => Buffer.from(`{"__proto__":${JSON.stringify(value(0))},"request_id":"r"}`),
  ]);
  const header = pickMaker<unknown>([
    () => undefined,
    () => '',
    () => signed(genuine, 'whsec_guess'),
    () => `v1=${bytes(32).toString('hex')}`,
    () => `v1=${bytes(below(64)).toString('hex')}`,
    () => `v0=${hmac(genuine, SECRET)}`,
    () => `v1=${hmac(genuine, SECRET).slice(0, below(64))}`,
    () => bytes(below(100)).toString('latin1'),
    () => 'v1=,'.repeat(below(5000)),
    () => [signed(genuine, SECRET)],
    () => value(0),
  ]);
  const query = pickMaker<Record<string, unknown>>([
    () => ({}),
    () => record(0) as Record<string, unknown>,
    () => ({ baseten_metadata: value(0), baseten_metadata_signature: value(0) }),
    () => ({
      baseten_metadata: bytes(below(50)).toString('base64url'),
      baseten_metadata_signature: bytes(32).toString('hex'),
    }),
  ]);
  return () => {
    const made = body();
    // The genuine signature must not meet the genuine body; anything else may.
    const genuineSignature = !made.equals(genuine) && below(4) === 0;
    const signature = genuineSignature ? signed(genuine, SECRET) : header();
    return {
      body: made,
      headers: signature === undefined ? {} : { 'x-baseten-signature': signature },
      query: query(),
    };
  };

  function pickMaker<T>(makers: Array<() => T>): () => T {
    return () => pick(makers)();
  }
}

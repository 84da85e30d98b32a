import { createHmac } from 'crypto';

import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';

import type { HttpReply } from '../../nodes/shared/webhook/delivery';
import { asyncPayload } from './payload';

/** When tests of deliveries take place. */
export const NOW = Date.parse('2026-01-01T12:00:00Z');
/** The webhook secret of the credential. */
export const SECRET = 'whsec_first';
/** A secret that the credential doesn't have. */
export const OTHER_SECRET = 'whsec_second';

/** A result as Baseten delivers it, sent at `NOW`. @param fields as in `asyncPayload` */
export function resultBody(fields: object = {}): Buffer {
  const time = new Date(NOW).toISOString();
  return Buffer.from(JSON.stringify(asyncPayload({ time, ...fields })));
}

/** The hexadecimal HMAC of a body. */
export function hmac(body: Buffer, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** The signature header of a body: one signature for each secret. */
export function signed(body: Buffer, ...secrets: string[]): string {
  return secrets.map((secret) => `v1=${hmac(body, secret)}`).join(',');
}

/** A response as express has it. To send it twice throws. */
export class FakeReply implements HttpReply {
  statusCode = 200;
  headersSent = false;
  body: unknown;
  /** How often it was sent. */
  timesSent = 0;

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
    this.timesSent++;
  }
}

/** What meets the webhook. */
export interface WebhookSettings {
  body?: Buffer;
  headers?: Record<string, unknown>;
  query?: Record<string, unknown>;
  /** Path that it was posted to. */
  path?: string;
  /** The webhook secret of the credential. If it is `undefined`, the node has no credential. */
  secret?: string;
  /** The parameters that are not at their defaults. If one is an error, reading it throws that. */
  parameters?: Record<string, unknown>;
  /** The node's own static data. */
  staticData?: IDataObject;
  /** What the workflow keeps in its static data besides. */
  globalStaticData?: IDataObject;
  mode?: 'webhook' | 'manual';
  /**
   * Contexts with the same ID belong to the same trigger. By default each belongs to another one.
   */
  nodeId?: string;
  /** The name of the node. */
  name?: string;
}

let contexts = 0;

/**
 * What n8n gives a webhook, and what can be seen of it afterwards. Without `headers` the body is
 * signed.
 */
export function webhookContext(settings: WebhookSettings = {}) {
  const {
    body = resultBody(),
    query = {},
    path = '/webhook/trigger-1/webhook',
    parameters = {},
    staticData = {},
    globalStaticData = {},
    mode = 'webhook',
  } = settings;
  const secret = 'secret' in settings ? settings.secret : SECRET;
  const headers = settings.headers ?? { 'x-baseten-signature': signed(body, SECRET) };
  const nodeId = settings.nodeId ?? `node-${++contexts}`;
  const reply = new FakeReply();
  const log: string[] = [];
  const request = { rawBody: body, headers, query, originalUrl: `${path}?from=test` };
  const write = (message: string, more?: unknown) => log.push(JSON.stringify([message, more]));
  const context = {
    getNode: () => ({
      id: nodeId,
      name: settings.name ?? 'Results',
      type: 'x',
      ...(secret !== undefined && { credentials: { basetenWorkspaceApi: {} } }),
    }),
    getWorkflow: () => ({ id: 'workflow-1' }),
    getCredentials: async () => ({ apiKey: 'key-123', webhookSecret: secret }),
    getNodeParameter: (name: string, fallback: unknown) => {
      const value = name in parameters ? parameters[name] : fallback;
      if (value instanceof Error) throw value;
      return value;
    },
    getMode: () => mode,
    getWorkflowStaticData: (type: string) => (type === 'node' ? staticData : globalStaticData),
    getRequestObject: () => request,
    getResponseObject: () => reply,
    logger: { error: write, warn: write, info: write, debug: write },
    helpers: {
      prepareBinaryData: async (content: Buffer, _name: unknown, mimeType = 'text/plain') => ({
        data: content.toString('base64'),
        mimeType,
      }),
    },
  } as unknown as IWebhookFunctions;
  return { context, reply, log, staticData };
}

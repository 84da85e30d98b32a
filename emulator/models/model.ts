import type { Readable } from 'node:stream';
import type { Clock } from '../clock';

/** One field of a multipart form. */
export type FormPart =
  | { name: string; value: string }
  | { name: string; fileName: string; contentType: string; bytes: Buffer };

/** What a simulated model is given: the request as it reached the deployment. */
export interface ModelCall {
  method: string;
  /** `/predict`, `/run_remote` or the route on the model's own server (`/items/1`). */
  route: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  /** Without parameters, lower case; empty where the request had none. */
  contentType: string;
  body: Buffer;
  /** Parsed JSON body. Throws SyntaxError where it isn't JSON. */
  json(): unknown;
  /** Parts of a multipart body. Throws TypeError where it isn't one. */
  form(): Promise<FormPart[]>;
  clock: Clock;
  /** Aborted when the caller goes away, a time limit passes or the emulator closes. */
  signal: AbortSignal;
  /** 1 for a synchronous call; counts up through the retries of an async request. */
  attempt: number;
}

/** What a model answers. `status` and `headers` pass through unchanged. */
export interface ModelAnswer {
  status?: number;
  headers?: Record<string, string>;
  body: Buffer | string | Readable;
}

export type Handler = (call: ModelCall) => ModelAnswer | Promise<ModelAnswer>;

/** A JSON answer. */
export const json = (value: unknown, status = 200): ModelAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** An answer in bytes. */
export const bytes = (body: Buffer, contentType: string): ModelAnswer => ({
  headers: { 'content-type': contentType },
  body,
});

/** An error in the shape that most Python model servers give. */
export const refusal = (status: number, detail: unknown): ModelAnswer => json({ detail }, status);

/** The call's JSON body as an object; an empty one where it is none. */
export function inputObject(call: ModelCall): Record<string, unknown> {
  const value = call.contentType === 'application/json' ? call.json() : undefined;
  return isObject(value) ? value : {};
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

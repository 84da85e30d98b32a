import type { Readable } from 'node:stream';
import type { Clock } from '../clock';

/** One field of a multipart form: a text or a file. */
export type FormPart =
  | { name: string; value: string }
  | { name: string; fileName: string; contentType: string; bytes: Buffer };

/** What a simulated model gets: the request as it reached the deployment. */
export interface ModelCall {
  method: string;
  /** `/predict`, `/run_remote` or the route on the model's own server (`/items/1`). */
  route: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  /** The media type in lower case, without parameters; empty if the request had none. */
  contentType: string;
  body: Buffer;
  /**
   * Parses the body as JSON.
   * @throws {SyntaxError} If it is not valid JSON.
   */
  json(): unknown;
  /**
   * Parses the body as a multipart form.
   * @throws {TypeError} If it is not one.
   */
  form(): Promise<FormPart[]>;
  clock: Clock;
  /** Aborted when the caller goes away, a time limit passes or the emulator closes. */
  signal: AbortSignal;
  /** 1 for a synchronous call; counts up through the retries of an async request. */
  attempt: number;
}

/** A model's response, which passes through unchanged. `status` is 200 by default. */
export interface ModelResponse {
  status?: number;
  headers?: Record<string, string>;
  body: Buffer | string | Readable;
}

/** A simulated model. A Refusal that it throws is the response; any other error becomes a 500. */
export type Handler = (call: ModelCall) => ModelResponse | Promise<ModelResponse>;

/** A JSON response. */
export const json = (value: unknown, status = 200): ModelResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** A response in bytes. */
export const bytes = (body: Buffer, contentType: string): ModelResponse => ({
  headers: { 'content-type': contentType },
  body,
});

/** An error response in the shape that most Python model servers use. */
export const modelError = (status: number, detail: unknown): ModelResponse =>
  json({ detail }, status);

/** The call's JSON body if it is an object, otherwise an empty object. */
export function inputObject(call: ModelCall): Record<string, unknown> {
  const value = call.contentType === 'application/json' ? call.json() : undefined;
  return isObject(value) ? value : {};
}

/** Whether a value is an object that is neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import { Readable } from 'node:stream';
import { readBody } from '../http/body';
import { Refusal } from '../http/refusal';
import type { ModelResponse } from '../models/model';
import type { Runtime } from '../runtime';
import { type CallSource, runHandler } from '../workspace/call';
import type { AsyncErrorCode, AsyncRequest } from './request';

/**
 * How an inference ended: with the delivery's `data`, or with a status and an entry of its
 * `errors`.
 */
export type Outcome =
  | { ok: true; data: unknown }
  | { ok: false; status: number; code: AsyncErrorCode; message: string };

const RETRIED_STATUSES = new Set([500, 502, 503, 504]);

/**
 * Runs the model until it succeeds, fails with a status that is not retried, or has used up its
 * attempts. See https://docs.baseten.co/inference/async.
 * @throws The reason of `runtime.stopped` if the emulator closes between two attempts.
 */
export async function inferWithRetries(runtime: Runtime, request: AsyncRequest): Promise<Outcome> {
  const { maxAttempts, initialDelayMs, maxDelayMs } = request.retry;
  for (let attempt = 1; ; attempt++) {
    const outcome = await inferOnce(runtime, request, attempt);
    if (outcome.ok || attempt >= maxAttempts || !RETRIED_STATUSES.has(outcome.status))
      return outcome;
    const delayMs = Math.min(initialDelayMs * 2 ** (attempt - 1), maxDelayMs);
    await runtime.clock.sleep(delayMs, runtime.stopped);
  }
}

async function inferOnce(
  runtime: Runtime,
  { owner, deployment, body }: AsyncRequest,
  attempt: number,
): Promise<Outcome> {
  const source: CallSource = {
    method: 'POST',
    route: owner.kind === 'model' ? '/predict' : '/run_remote',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body.model_input)),
    attempt,
    isAsync: true,
  };
  try {
    const limitMs = runtime.limits.asyncInferenceMs;
    const run = { deployment, handler: owner.handler, source, limitMs };
    const response = await runHandler(runtime, run);
    const status = response.status ?? 200;
    const content = await contentOf(response);
    if (status < 400)
      return { ok: true, data: dataFrom(content, response.headers?.['content-type'] ?? '') };
    return failure(status, content.toString('utf8'));
  } catch (error) {
    if (error instanceof Refusal) return failure(error.status, error.message);
    throw error;
  }
}

function contentOf({ body }: ModelResponse): Promise<Buffer> | Buffer {
  if (body instanceof Readable) return readBody(body, Infinity);
  return Buffer.isBuffer(body) ? body : Buffer.from(body);
}

/** JSON and text stay what they are; a JSON payload can carry other bytes only as base64. */
function dataFrom(content: Buffer, contentType: string): unknown {
  if (contentType.startsWith('application/json')) return JSON.parse(content.toString('utf8'));
  return content.toString(contentType.startsWith('text/') ? 'utf8' : 'base64');
}

function failure(status: number, message: string): Outcome {
  return {
    ok: false,
    status,
    code: codeOf(status),
    message: `Model answered ${status}: ${message}`,
  };
}

function codeOf(status: number): AsyncErrorCode {
  if (status === 504) return 'MODEL_PREDICT_TIMEOUT';
  if (status === 502 || status === 503) return 'MODEL_UNAVAILABLE';
  if (status === 400 || status === 422) return 'MODEL_INVALID_INPUT';
  return 'MODEL_PREDICT_ERROR';
}

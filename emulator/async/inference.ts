import { Readable } from 'node:stream';
import type { AsyncErrorCode, AsyncRequest } from './request';
import { readBody } from '../http/body';
import { type CallSource, runHandler } from '../workspace/call';
import { BasetenError } from '../http/refusal';
import type { ModelAnswer } from '../models/model';
import type { EmulatorState } from '../state';

export type Outcome =
  | { ok: true; data: unknown }
  | { ok: false; status: number; code: AsyncErrorCode; message: string };

const WORTH_A_RETRY = new Set([500, 502, 503, 504]);

/** Runs the model until it answers, refuses the input (4xx is final) or the attempts are used up. */
export async function inferWithRetries(
  state: EmulatorState,
  request: AsyncRequest,
): Promise<Outcome> {
  const { maxAttempts, initialDelay, maxDelay } = request.retry;
  for (let attempt = 1; ; attempt++) {
    const outcome = await inferOnce(state, request, attempt);
    if (outcome.ok || attempt >= maxAttempts || !WORTH_A_RETRY.has(outcome.status)) return outcome;
    await state.clock.sleep(Math.min(initialDelay * 2 ** (attempt - 1), maxDelay), state.stopped);
  }
}

async function inferOnce(
  state: EmulatorState,
  request: AsyncRequest,
  attempt: number,
): Promise<Outcome> {
  const source: CallSource = {
    method: 'POST',
    route: request.owner.kind === 'model' ? '/predict' : '/run_remote',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(request.body.model_input)),
    attempt,
  };
  try {
    const limit = state.settings.limits.asyncInferenceMs;
    const answer = await runHandler(
      state,
      request.deployment,
      request.owner.handler,
      source,
      limit,
    );
    const status = answer.status ?? 200;
    const content = await contentOf(answer);
    if (status < 400)
      return { ok: true, data: dataFrom(content, answer.headers?.['content-type'] ?? '') };
    return failure(status, content.toString('utf8'));
  } catch (error) {
    if (error instanceof BasetenError) return failure(error.status, error.message);
    throw error;
  }
}

function contentOf(answer: ModelAnswer): Promise<Buffer> | Buffer {
  if (answer.body instanceof Readable) return readBody(answer.body, Infinity);
  return Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(answer.body);
}

/** JSON as it is, text as text; bytes can't travel in a JSON payload but as base64. */
function dataFrom(content: Buffer, contentType: string): unknown {
  if (contentType.startsWith('application/json')) return JSON.parse(content.toString('utf8'));
  return content.toString(contentType.startsWith('text/') ? 'utf8' : 'base64');
}

function failure(status: number, message: string): Outcome {
  const code: AsyncErrorCode =
    status === 504
      ? 'MODEL_PREDICT_TIMEOUT'
      : status === 502 || status === 503
        ? 'MODEL_UNAVAILABLE'
        : status === 400 || status === 422
          ? 'MODEL_INVALID_INPUT'
          : 'MODEL_PREDICT_ERROR';
  return { ok: false, status, code, message: `Model answered ${status}: ${message}` };
}

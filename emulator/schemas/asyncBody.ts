import { badRequest } from '../http/refusal';
import { checker } from './validate';

/** Body of async_predict and async_run_remote: https://docs.baseten.co/inference/async. */
export interface AsyncBody {
  model_input: Record<string, unknown>;
  webhook_endpoint?: string;
  priority?: number;
  max_time_in_queue_seconds?: number;
  inference_retry_config?: {
    max_attempts?: number;
    initial_delay_ms?: number;
    max_delay_ms?: number;
  };
}

const integer = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum });

/** Unknown fields are allowed, as in Baseten's schema. */
const check = checker<AsyncBody>(
  {
    type: 'object',
    required: ['model_input'],
    properties: {
      model_input: { type: 'object' },
      webhook_endpoint: { type: 'string', format: 'uri' },
      priority: integer(0, 2),
      max_time_in_queue_seconds: integer(10, 259_200),
      inference_retry_config: {
        type: 'object',
        properties: {
          max_attempts: integer(1, 10),
          initial_delay_ms: integer(0, 10_000),
          max_delay_ms: integer(0, 60_000),
        },
      },
    },
  },
  'async request',
);

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Checks the body of an async submission.
 * @throws {Refusal} 400 if it is not valid, or if its webhook is neither https nor on this machine.
 */
export function checkAsyncBody(value: unknown): AsyncBody {
  const body = check(value);
  if (body.webhook_endpoint !== undefined) {
    const url = URL.canParse(body.webhook_endpoint) ? new URL(body.webhook_endpoint) : undefined;
    const isLocal = url?.protocol === 'http:' && LOOPBACK.has(url.hostname);
    if (url?.protocol !== 'https:' && !isLocal) {
      throw badRequest('Invalid async request: webhook_endpoint must be an https URL.');
    }
  }
  return body;
}

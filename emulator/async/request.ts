import type { Deployment } from '../workspace/deployment';
import type { AsyncBody } from '../schemas/asyncBody';
import type { Owner } from '../workspace/registry';

export type AsyncStatus =
  'QUEUED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED' | 'CANCELED' | 'WEBHOOK_FAILED';

export type WebhookStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'NO_WEBHOOK_PROVIDED';

export type AsyncErrorCode =
  | 'MODEL_PREDICT_ERROR'
  | 'MODEL_PREDICT_TIMEOUT'
  | 'MODEL_NOT_READY'
  | 'MODEL_DOES_NOT_EXIST'
  | 'MODEL_UNAVAILABLE'
  | 'MODEL_INVALID_INPUT'
  | 'ASYNC_REQUEST_NOT_SUPPORTED'
  | 'INTERNAL_SERVER_ERROR';

export interface AsyncError {
  code: AsyncErrorCode;
  message: string;
}

/** An async request from submission to the end of its retention. */
export class AsyncRequest {
  status: AsyncStatus = 'QUEUED';
  webhookStatus: WebhookStatus;
  errors: AsyncError[] = [];
  statusAt: number;
  readonly priority: number;
  readonly webhook: string | undefined;
  /** In ms. */
  readonly maxTimeInQueue: number;
  readonly retry: { maxAttempts: number; initialDelay: number; maxDelay: number };

  constructor(
    readonly requestId: string,
    readonly owner: Owner,
    readonly deployment: Deployment,
    readonly body: AsyncBody,
    readonly createdAt: number,
    /** Aborted when the request leaves the queue, which ends the wait for its expiry. */
    readonly leftQueue: AbortController,
  ) {
    this.statusAt = createdAt;
    this.priority = body.priority ?? 0;
    this.webhook = body.webhook_endpoint;
    this.webhookStatus = this.webhook === undefined ? 'NO_WEBHOOK_PROVIDED' : 'PENDING';
    this.maxTimeInQueue = (body.max_time_in_queue_seconds ?? 600) * 1000;
    const retry = body.inference_retry_config;
    this.retry = {
      maxAttempts: retry?.max_attempts ?? 3,
      initialDelay: retry?.initial_delay_ms ?? 1_000,
      maxDelay: retry?.max_delay_ms ?? 5_000,
    };
  }

  /** Moves on to `status` at `now`. */
  become(status: AsyncStatus, now: number): void {
    this.status = status;
    this.statusAt = now;
  }

  /** Nothing will be delivered for a request that never ran. */
  giveUpWebhook(): void {
    if (this.webhookStatus === 'PENDING') this.webhookStatus = 'CANCELED';
  }

  /** `model_id` or `chain_id`, whichever it is. */
  ownerId(): Record<string, string> {
    return { [`${this.owner.kind}_id`]: this.owner.id };
  }

  /** The answer of `GET /async_request/{request_id}`. */
  toStatus(): Record<string, unknown> {
    return {
      request_id: this.requestId,
      ...this.ownerId(),
      deployment_id: this.deployment.id,
      status: this.status,
      webhook_status: this.webhookStatus,
      created_at: utc(this.createdAt),
      status_at: utc(this.statusAt),
      errors: this.errors,
    };
  }

  /** The body of a delivery sent at `now`. Receivers may rely on this order of fields. */
  toDelivery(data: unknown, now: number): Buffer {
    return Buffer.from(
      JSON.stringify({
        request_id: this.requestId,
        ...this.ownerId(),
        deployment_id: this.deployment.id,
        type: 'async_request_completed',
        time: utc(now),
        data: this.errors.length > 0 ? null : data,
        errors: this.errors,
      }),
    );
  }
}

/** ISO 8601 with microseconds, as Baseten writes times. */
const utc = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');

import type { AsyncBody } from '../schemas/asyncBody';
import type { Deployment } from '../workspace/deployment';
import type { Owner } from '../workspace/registry';

/** `status` of an async request, as Baseten names it. */
export type AsyncStatus =
  'QUEUED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED' | 'CANCELED' | 'WEBHOOK_FAILED';

/** `webhook_status` of an async request, as Baseten names it. */
export type WebhookStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'NO_WEBHOOK_PROVIDED';

/** `code` of an async request's error, as Baseten names it. */
export type AsyncErrorCode =
  | 'MODEL_PREDICT_ERROR'
  | 'MODEL_PREDICT_TIMEOUT'
  | 'MODEL_NOT_READY'
  | 'MODEL_DOES_NOT_EXIST'
  | 'MODEL_UNAVAILABLE'
  | 'MODEL_INVALID_INPUT'
  | 'ASYNC_REQUEST_NOT_SUPPORTED'
  | 'INTERNAL_SERVER_ERROR';

/** One entry of `errors` in the status and in the delivery. */
export interface AsyncError {
  code: AsyncErrorCode;
  message: string;
}

/** What a new async request is made of. */
export interface Submission {
  requestId: string;
  owner: Owner;
  deployment: Deployment;
  body: AsyncBody;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Aborted when the request leaves the queue, which ends the wait for its expiry. */
  leftQueue: AbortController;
}

/**
 * An async request from its submission to the end of its retention:
 * https://docs.baseten.co/inference/async.
 */
export class AsyncRequest {
  status: AsyncStatus = 'QUEUED';
  webhookStatus: WebhookStatus;
  errors: AsyncError[] = [];
  /** When the status last changed, in milliseconds since the epoch. */
  statusAt: number;
  readonly requestId: string;
  readonly owner: Owner;
  readonly deployment: Deployment;
  readonly body: AsyncBody;
  readonly createdAt: number;
  readonly leftQueue: AbortController;
  /** 0 to 2; 0 comes first. */
  readonly priority: number;
  /** The receiver's URL. */
  readonly webhook: string | undefined;
  readonly maxTimeInQueueMs: number;
  readonly retry: { maxAttempts: number; initialDelayMs: number; maxDelayMs: number };

  constructor(submission: Submission) {
    const { body } = submission;
    this.requestId = submission.requestId;
    this.owner = submission.owner;
    this.deployment = submission.deployment;
    this.body = body;
    this.createdAt = submission.createdAt;
    this.leftQueue = submission.leftQueue;
    this.statusAt = this.createdAt;
    this.priority = body.priority ?? 0;
    this.webhook = body.webhook_endpoint;
    this.webhookStatus = this.webhook === undefined ? 'NO_WEBHOOK_PROVIDED' : 'PENDING';
    this.maxTimeInQueueMs = (body.max_time_in_queue_seconds ?? 600) * 1000;
    const retry = body.inference_retry_config;
    this.retry = {
      maxAttempts: retry?.max_attempts ?? 3,
      initialDelayMs: retry?.initial_delay_ms ?? 1_000,
      maxDelayMs: retry?.max_delay_ms ?? 5_000,
    };
  }

  /** Moves on to `status` at `now`, in milliseconds since the epoch. */
  become(status: AsyncStatus, now: number): void {
    this.status = status;
    this.statusAt = now;
  }

  /** Says that nothing will be delivered, because the request never ran. */
  giveUpWebhook(): void {
    if (this.webhookStatus === 'PENDING') this.webhookStatus = 'CANCELED';
  }

  /** The body of `GET /async_request/{request_id}`. */
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

  /** `model_id` or `chain_id`. */
  private ownerId(): Record<string, string> {
    return { [`${this.owner.kind}_id`]: this.owner.id };
  }
}

/** ISO 8601 with microseconds, as Baseten writes times. */
const utc = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');

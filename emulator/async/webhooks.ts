import { Agent, request } from 'undici';
import type { Runtime } from '../runtime';
import { type WebhookSecrets, signatureHeader } from './webhookSecrets';

const TIMEOUT_MS = 10_000;
const RETRY_AFTER_MS = 2_000;
const RETRIED_STATUSES = new Set([500, 502, 503, 504]);
const MOST_KEPT = 1_000;

/** One POST to a receiver as it was sent, and its response. */
export interface Delivery {
  requestId: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  /** Milliseconds since the epoch, by the emulator's clock. */
  sentAt: number;
  /** When the response was there; absent if none came. */
  answeredAt?: number;
  /** Absent if no response came. */
  status?: number;
  /** The body of the receiver's response, as text. */
  response?: string;
}

/** What a delivery made by hand can change. */
export interface DeliverOptions {
  /**
   * Signs with these in place of the workspace's secrets; an empty list leaves the signature out.
   */
  secrets?: string[];
  /** Added after signing; replaces the usual headers of the same name. */
  headers?: Record<string, string>;
}

/** Sends results to their webhooks: https://docs.baseten.co/inference/async, "Webhook delivery". */
export class WebhookSender {
  /** What was sent, oldest first; bounded. */
  readonly deliveries: Delivery[] = [];
  private readonly agent: Agent;

  /** @param ca a certificate of receivers that no authority has signed */
  constructor(
    private readonly runtime: Runtime,
    private readonly secrets: WebhookSecrets,
    ca?: string,
  ) {
    this.agent = new Agent({ connect: { ca } });
  }

  /**
   * Delivers at most twice. The second attempt follows 2 s after a 500, 502, 503 or 504, or if no
   * response came within 10 s.
   * @param makeBody Called for each attempt, because the payload carries the time of sending.
   * @returns `true` after a 2xx response.
   * @throws The reason of `runtime.stopped` if the emulator closes before the second attempt.
   */
  async deliver(url: string, requestId: string, makeBody: () => Buffer): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const { status } = await this.post(url, requestId, makeBody());
      if (status !== undefined && status >= 200 && status < 300) return true;
      if (attempt === 2 || (status !== undefined && !RETRIED_STATUSES.has(status))) return false;
      await this.runtime.clock.sleep(RETRY_AFTER_MS, this.runtime.stopped);
    }
  }

  /**
   * Sends one POST, signed with every active secret. Never throws: without a response, the delivery
   * has no status.
   */
  async post(
    url: string,
    requestId: string,
    body: Buffer,
    options: DeliverOptions = {},
  ): Promise<Delivery> {
    const { clock } = this.runtime;
    const signature = signatureHeader(body, options.secrets ?? this.secrets.active());
    const headers = {
      'content-type': 'application/json',
      'X-BASETEN-REQUEST-ID': requestId,
      ...(signature === undefined ? {} : { 'X-BASETEN-SIGNATURE': signature }),
      ...options.headers,
    };
    const delivery: Delivery = { requestId, url, headers, body, sentAt: clock.now() };
    this.deliveries.push(delivery);
    if (this.deliveries.length > MOST_KEPT) this.deliveries.shift();
    const sending = this.send(delivery);
    await (clock.track?.(sending) ?? sending);
    return delivery;
  }

  /** Cuts every connection to receivers. */
  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async send(delivery: Delivery): Promise<void> {
    const { clock, lifetimes } = this.runtime;
    // One controller for both: the timeout and the emulator's end stop the exchange, a response
    // stops the wait for the timeout.
    const exchange = lifetimes.begin();
    const tooLate = clock.sleep(TIMEOUT_MS, exchange.signal).then(() => exchange.abort());
    tooLate.catch(() => undefined);
    try {
      const { url, headers, body } = delivery;
      const { signal } = exchange;
      const response = await request(url, {
        method: 'POST',
        headers,
        body,
        signal,
        dispatcher: this.agent,
      });
      delivery.response = await response.body.text();
      delivery.status = response.statusCode;
      delivery.answeredAt = clock.now();
    } catch {
      // Could not connect, reset or too late: the delivery stays without a status.
    } finally {
      exchange.abort();
      lifetimes.end(exchange);
    }
  }
}

import { Agent, request } from 'undici';
import type { Clock } from '../clock';
import type { Lifetimes } from '../workspace/lifetimes';
import { type WebhookSecrets, signatureHeader } from './webhookSecrets';

const TIMEOUT_MS = 10_000;
const RETRY_AFTER_MS = 2_000;
const WORTH_A_RETRY = new Set([500, 502, 503, 504]);
const MOST_KEPT = 1_000;

/** One POST to a receiver, as it was sent, and how it was answered. */
export interface Delivery {
  requestId: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  /** Milliseconds since the epoch, by the emulator's clock. */
  sentAt: number;
  /** Absent where no answer came. */
  status?: number;
  /** The receiver's answer, as text. */
  answer?: string;
}

export interface DeliverOptions {
  /** Signs with these in place of the workspace's secrets; an empty list leaves the signature out. */
  secrets?: string[];
  /** Set over the usual headers, after signing. */
  headers?: Record<string, string>;
}

/** Sends results to their webhooks: https://docs.baseten.co/inference/async, "Webhook delivery". */
export class WebhookSender {
  /** What was sent, oldest first; bounded. */
  readonly deliveries: Delivery[] = [];
  private readonly agent = new Agent();

  constructor(
    private readonly clock: Clock,
    private readonly secrets: WebhookSecrets,
    private readonly lifetimes: Lifetimes,
    private readonly stopped: AbortSignal,
  ) {}

  /**
   * Delivers at most twice: again 2 s later only on 500, 502, 503, 504 or no answer within 10 s. `makeBody`
   * is asked for each attempt, since the payload's time is that of sending. `true` on a 2xx answer.
   */
  async deliver(url: string, requestId: string, makeBody: () => Buffer): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const { status } = await this.post(url, requestId, makeBody());
      if (status !== undefined && status >= 200 && status < 300) return true;
      if (attempt === 2 || (status !== undefined && !WORTH_A_RETRY.has(status))) return false;
      await this.clock.sleep(RETRY_AFTER_MS, this.stopped);
    }
  }

  /**
   * One POST, signed with every secret that is active. Never throws: no answer is a delivery without a
   * status.
   */
  async post(
    url: string,
    requestId: string,
    body: Buffer,
    options: DeliverOptions = {},
  ): Promise<Delivery> {
    const signature = signatureHeader(body, options.secrets ?? this.secrets.active());
    const headers = {
      'content-type': 'application/json',
      'X-BASETEN-REQUEST-ID': requestId,
      ...(signature === undefined ? {} : { 'X-BASETEN-SIGNATURE': signature }),
      ...options.headers,
    };
    const delivery: Delivery = { requestId, url, headers, body, sentAt: this.clock.now() };
    this.deliveries.push(delivery);
    if (this.deliveries.length > MOST_KEPT) this.deliveries.shift();
    const sending = this.send(delivery);
    await (this.clock.track?.(sending) ?? sending);
    return delivery;
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async send(delivery: Delivery): Promise<void> {
    // Ends the wait for the timeout once answered; ends the exchange when the timeout or the emulator's end
    // comes.
    const exchange = this.lifetimes.begin();
    const tooLate = this.clock.sleep(TIMEOUT_MS, exchange.signal).then(() => exchange.abort());
    tooLate.catch(() => undefined);
    try {
      const { url, headers, body } = delivery;
      const { signal } = exchange;
      const answer = await request(url, {
        method: 'POST',
        headers,
        body,
        signal,
        dispatcher: this.agent,
      });
      delivery.answer = await answer.body.text();
      delivery.status = answer.statusCode;
    } catch {
      // No answer: refused, reset or too late. The delivery stays without a status.
    } finally {
      exchange.abort();
      this.lifetimes.end(exchange);
    }
  }
}

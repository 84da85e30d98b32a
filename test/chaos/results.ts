import { setTimeout as pause } from 'node:timers/promises';
import { type Delivery, json } from '../../emulator';
import { withMetadata } from '../../nodes/shared/webhook/metadata';
import { eventually } from '../support/eventually';
import type { Random } from './random';
import type { Rig } from './rig';

const MODEL = 'chaos001';
const MINUTE = 60_000;
/** Bytes of the results: mostly small ones, and some of a megabyte. */
const SIZES = [...Array(14).fill(100), ...Array(5).fill(20_000), 200_000].flatMap((size) =>
  Array(5).fill(size),
);
SIZES[0] = 1_000_000;
/** The part of the submissions that are a burst, and how many results are in one. */
const BURSTS = 0.01;
const BURST = 40;
/** The part of the results that are delivered again, and after how many milliseconds at most. */
const REPEATED = 0.1;
const REPEATED_WITHIN = 20_000;
const LOOK_EVERY = 200;

/** A result, from its submission on. */
export interface Result {
  requestId: string;
  number: number;
  /** The trigger that it is for: its workflow's path. */
  trigger: string;
  submittedAt: number;
  /** What was sent to the trigger, repeats included. */
  deliveries: Delivery[];
}

/** What Baseten's status says of a delivery in the end. */
export type WebhookStatus = 'SUCCEEDED' | 'FAILED';

/** Async requests at the simulated Baseten, their deliveries, and repeats of them. */
export class Results {
  /** By request ID. */
  readonly all = new Map<string, Result>();
  /** The secrets that n8n has now, which sign metadata. */
  secrets: string[];
  private readonly seen = new Set<Delivery>();
  private readonly repeats: Array<Promise<void>> = [];

  constructor(
    private readonly rig: Rig,
    private readonly random: Random,
  ) {
    this.secrets = rig.emulator.webhookSecrets;
    rig.emulator.addModel({
      kind: 'model',
      id: MODEL,
      name: 'Chaos',
      asyncConcurrency: 1_000,
      handler: (call) => {
        const { number, size } = call.json() as { number: number; size: number };
        return json({ number, filler: 'x'.repeat(size) });
      },
    });
  }

  /** Submits so many requests in this time, at uneven distances, some of them at once. */
  async submitAll(
    trigger: string,
    count: number,
    withinMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const started = Date.now();
    const every = withinMs / count;
    for (let due = 0; due < count && !signal?.aborted;) {
      await pause(Math.max(0, started + due * every - Date.now()));
      const together = this.random.happens(BURSTS) ? Math.min(BURST, count - due) : 1;
      await Promise.all(Array.from({ length: together }, () => this.submit(trigger)));
      due += together;
    }
  }

  /** Submits a request whose result is there at once. */
  async submit(trigger: string): Promise<void> {
    const { emulator, url } = this.rig;
    const number = this.all.size;
    const size = this.random.one(SIZES) as number;
    const sending = { secrets: this.secrets, owner: MODEL, now: Date.now() };
    const webhook = withMetadata(`${url}/webhook/${trigger}/webhook`, { number }, sending);
    const submittedAt = Date.now();
    const response = await fetch(`${emulator.url}/model-${MODEL}/production/async_predict`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model_input: { number, size }, webhook_endpoint: webhook }),
    });
    const { request_id: requestId } = (await response.json()) as { request_id: string };
    this.all.set(requestId, { requestId, number, trigger, submittedAt, deliveries: [] });
  }

  /** Takes note of deliveries, and has some made again, until `signal` says that it is over. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look(!signal.aborted);
      await pause(LOOK_EVERY);
    }
    await Promise.all(this.repeats);
    this.look(false);
  }

  /** Waits until nothing is on its way any more. Returns what the status says of each result. */
  async outcomes(): Promise<Map<string, WebhookStatus>> {
    const outcomes = new Map<string, WebhookStatus>();
    for (const { requestId } of this.all.values()) {
      const status = await eventually(
        'the end of a delivery',
        async () => {
          const now = await this.webhookStatus(requestId);
          return now !== 'PENDING' && now;
        },
        MINUTE,
      );
      outcomes.set(requestId, status as WebhookStatus);
    }
    return outcomes;
  }

  private look(mayRepeat: boolean): void {
    for (const delivery of this.rig.emulator.deliveries) {
      const result = this.all.get(delivery.requestId);
      if (!result || this.seen.has(delivery)) continue;
      this.seen.add(delivery);
      result.deliveries.push(delivery);
      if (mayRepeat && result.deliveries.length === 1 && this.random.happens(REPEATED))
        this.repeats.push(this.repeat(delivery));
    }
  }

  /** Delivers a result again, byte for byte, once or twice at once. */
  private async repeat({ requestId }: Delivery): Promise<void> {
    const times = this.random.one([1, 1, 2]);
    await pause(this.random.between(0, REPEATED_WITHIN));
    const { emulator } = this.rig;
    await Promise.all(Array.from({ length: times }, () => emulator.redeliver(requestId)));
  }

  private async webhookStatus(requestId: string): Promise<string> {
    const { emulator } = this.rig;
    const response = await fetch(`${emulator.url}/model-${MODEL}/async_request/${requestId}`, {
      headers: { authorization: `Bearer ${emulator.apiKey}` },
    });
    return ((await response.json()) as { webhook_status: string }).webhook_status;
  }
}

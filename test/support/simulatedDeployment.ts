import type { Simulation } from './simulation';

/** What a simulated deployment does. */
export interface DeploymentSettings {
  /** How many requests it works on at once. */
  slots: number;
  /** Milliseconds of work for one request. */
  milliseconds: number;
  /** Spread of a lognormal distribution of the work. */
  sigma?: number;
  /** Refuses with 429 what it can't begin at once, instead of queueing it. */
  refuses?: boolean;
  /** Takes so many requests a minute. */
  limit?: RateLimit;
}

/** A limit of requests a minute. */
export interface RateLimit {
  perMinute: number;
  /** Counts in the last 60 seconds, in each minute of the clock, or fills a bucket evenly. */
  kind: 'sliding' | 'fixed' | 'bucket';
  /** How many a bucket takes at once: by default as many as in a second. */
  burst?: number;
  /** Says in the refusal how long to wait. */
  saysPause?: boolean;
}

/** What comes back of a request. */
export interface Outcome {
  status: number;
  /** Milliseconds that the server asks to wait. */
  retryAfter?: number;
}

const ROUND_TRIP_MS = 2;

/** A deployment in simulated time. */
export class SimulatedDeployment {
  /** Milliseconds that each request waited in its queue. */
  readonly waits: number[] = [];
  refusals = 0;
  slots: number;
  private busy = 0;
  private readonly queue: Array<() => void> = [];
  private readonly limit?: LimitState;

  constructor(
    private readonly time: Simulation,
    private readonly settings: DeploymentSettings,
  ) {
    this.slots = settings.slots;
    if (settings.limit) this.limit = new LimitState(settings.limit, time);
  }

  /** Sends it a request. */
  async request(): Promise<Outcome> {
    const outcome = await new Promise<Outcome>((resolve) =>
      this.time.after(ROUND_TRIP_MS / 2, () => this.arrive(resolve)),
    );
    await this.time.wait(ROUND_TRIP_MS / 2);
    return outcome;
  }

  /** Replicas come or go. */
  resize(slots: number): void {
    this.slots = slots;
    this.startQueued();
  }

  private arrive(resolve: (outcome: Outcome) => void): void {
    const pause = this.limit?.take();
    if (pause !== undefined || (this.settings.refuses && this.busy >= this.slots)) {
      this.refusals++;
      return resolve({
        status: 429,
        retryAfter: this.settings.limit?.saysPause
          ? Math.ceil((pause ?? 0) / 1000) * 1000
          : undefined,
      });
    }
    const arrived = this.time.elapsed();
    this.queue.push(() => {
      this.waits.push(this.time.elapsed() - arrived);
      this.busy++;
      this.time.after(this.work(), () => {
        this.busy--;
        resolve({ status: 200 });
        this.startQueued();
      });
    });
    this.startQueued();
  }

  private startQueued(): void {
    while (this.busy < this.slots && this.queue.length > 0) this.queue.shift()?.();
  }

  private work(): number {
    const { milliseconds, sigma = 0 } = this.settings;
    const { random } = this.time;
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return milliseconds * Math.exp(sigma * normal);
  }
}

class LimitState {
  private times: number[] = [];
  private tokens: number;
  private filledAt = 0;

  constructor(
    private readonly limit: RateLimit,
    private readonly time: Simulation,
  ) {
    this.tokens = this.mostTokens;
  }

  private get mostTokens(): number {
    return this.limit.burst ?? Math.max(1, this.limit.perMinute / 60);
  }

  /** @returns milliseconds until there is room again; nothing if the request is taken */
  take(): number | undefined {
    const now = this.time.elapsed();
    const { kind, perMinute } = this.limit;
    if (kind === 'bucket') {
      this.tokens = Math.min(
        this.mostTokens,
        this.tokens + ((now - this.filledAt) * perMinute) / 60_000,
      );
      this.filledAt = now;
      if (this.tokens < 1) return ((1 - this.tokens) * 60_000) / perMinute;
      this.tokens--;
      return undefined;
    }
    const begin = kind === 'sliding' ? now - 60_000 : Math.floor(now / 60_000) * 60_000;
    this.times = this.times.filter((each) => (kind === 'sliding' ? each > begin : each >= begin));
    if (this.times.length >= perMinute)
      return kind === 'sliding' ? (this.times[0] as number) - begin : begin + 60_000 - now;
    this.times.push(now);
    return undefined;
  }
}

import type { Clock } from '../clock';
import type { Capacity } from './capacity';

/** How often the load is looked at in one autoscaling window. */
const LOOKS_IN_A_WINDOW = 6;

/** What replicas need of the deployment that they belong to. */
export interface ReplicaParts {
  clock: Clock;
  /** Aborted when the emulator closes. */
  stopped: AbortSignal;
  /** The capacity as it is now. */
  capacity: () => Capacity;
  /** Called when further replicas work. */
  onMore: () => void;
}

/**
 * The replicas of one deployment and its autoscaler. It averages the requests in flight over a
 * window and starts replicas if there are more for each of them than the target. It takes them away
 * when the load has been lower for some time.
 */
export class Replicas {
  /** Replicas that work. */
  up = 0;
  private starting = 0;
  /** Counts how often all replicas went away: what was starting then never comes. */
  private generation = 0;
  private lowSince: number | undefined;
  private watching = false;
  private inFlight = 0;
  /** Requests in flight × ms since the last look, and until when it was added up. */
  private area = 0;
  private areaUntil = 0;
  /** The average load between the last looks, the newest one last. */
  private averages: number[] = [];

  constructor(private readonly parts: ReplicaParts) {}

  /** The deployment is up: as many replicas as it keeps, at least one. */
  begin(): void {
    this.up = Math.max(1, this.parts.capacity().minReplica);
    this.parts.onMore();
  }

  /** All replicas go away at once. */
  end(): void {
    this.up = 0;
    this.starting = 0;
    this.lowSince = undefined;
    this.generation += 1;
  }

  /** So many requests are in flight from now on. */
  note(inFlight: number): void {
    this.addUp();
    this.inFlight = inFlight;
    if (!this.watching && this.isToBeWatched()) void this.watch();
  }

  /** The capacity has changed. Missing replicas are started, and those that are too many go. */
  adapt(): void {
    if (this.up === 0) return;
    const { minReplica, maxReplica } = this.parts.capacity();
    this.up = Math.min(this.up, maxReplica);
    this.start(minReplica - this.up - this.starting);
    this.parts.onMore();
    this.note(this.inFlight);
  }

  private isToBeWatched(): boolean {
    const { minReplica, maxReplica } = this.parts.capacity();
    const fewest = Math.max(1, minReplica);
    return maxReplica > fewest && (this.inFlight > 0 || this.up + this.starting > fewest);
  }

  private async watch(): Promise<void> {
    const { clock, stopped, capacity } = this.parts;
    this.watching = true;
    this.averages = [];
    this.area = 0;
    this.areaUntil = clock.now();
    try {
      while (this.isToBeWatched()) {
        const span = capacity().autoscalingWindowMs / LOOKS_IN_A_WINDOW;
        await clock.sleep(span, stopped);
        this.addUp();
        this.averages = [...this.averages, this.area / span].slice(-LOOKS_IN_A_WINDOW);
        this.area = 0;
        if (this.up > 0) this.follow(this.averages.reduce((a, b) => a + b) / LOOKS_IN_A_WINDOW);
      }
    } catch {
      // The emulator was closed.
    } finally {
      this.watching = false;
    }
  }

  private addUp(): void {
    const now = this.parts.clock.now();
    this.area += this.inFlight * (now - this.areaUntil);
    this.areaUntil = now;
  }

  private follow(load: number): void {
    const { clock, capacity } = this.parts;
    const { concurrencyTarget, targetUtilization, minReplica, maxReplica, scaleDownDelayMs } =
      capacity();
    const wanted = Math.ceil(load / (concurrencyTarget * (targetUtilization / 100)));
    const allowed = Math.min(maxReplica, Math.max(1, minReplica, wanted));
    if (allowed >= this.up) {
      this.lowSince = undefined;
      this.start(allowed - this.up - this.starting);
      return;
    }
    this.lowSince ??= clock.now();
    if (clock.now() - this.lowSince < scaleDownDelayMs) return;
    this.up -= Math.min(this.up - allowed, Math.max(1, Math.floor(this.up / 2)));
    this.lowSince = clock.now();
  }

  private start(count: number): void {
    if (count <= 0) return;
    const { clock, stopped, capacity, onMore } = this.parts;
    const { generation } = this;
    this.starting += count;
    clock.sleep(capacity().wakeMs, stopped).then(
      () => {
        if (generation !== this.generation) return;
        this.starting -= count;
        this.up = Math.min(this.up + count, capacity().maxReplica);
        onMore();
      },
      () => undefined,
    );
  }
}

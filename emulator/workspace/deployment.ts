import type { Clock } from '../clock';
import { Refusal } from '../http/refusal';

/** Those of the management API's deployment statuses that the emulator has. */
export type DeploymentStatus = 'ACTIVE' | 'SCALED_TO_ZERO' | 'WAKING_UP';

/** What a deployment is made of; it does not change. */
export interface DeploymentOptions {
  id: string;
  /** The ID of the model or chain. */
  ownerId: string;
  name: string;
  /** `null` on a deployment that is in no environment. */
  environment: string | null;
  isDevelopment: boolean;
  /** 0 lets the deployment scale to zero. */
  minReplica: number;
  wakeMs: number;
  /** Time without a request before the deployment scales to zero. */
  scaleDownDelayMs: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  startsAsleep: boolean;
}

/** One deployment and its replicas: up, scaled to zero or waking. */
export class Deployment {
  status: DeploymentStatus;
  private waking: Promise<void> | undefined;
  private lastUsedAt: number;
  private busy = 0;
  private watching = false;

  /** `stopped` is aborted when the emulator closes. */
  constructor(
    readonly options: DeploymentOptions,
    private readonly clock: Clock,
    private readonly stopped: AbortSignal,
  ) {
    this.status = options.startsAsleep ? 'SCALED_TO_ZERO' : 'ACTIVE';
    this.lastUsedAt = clock.now();
  }

  get id() {
    return this.options.id;
  }

  get activeReplicas() {
    return this.status === 'ACTIVE' ? Math.max(1, this.options.minReplica) : 0;
  }

  /**
   * Starts a replica if there is none. The promise resolves when one is up; `undefined` if one is
   * up already.
   */
  wake(): Promise<void> | undefined {
    if (this.status !== 'SCALED_TO_ZERO') return this.waking;
    this.status = 'WAKING_UP';
    const waking = this.clock.sleep(this.options.wakeMs, this.stopped).then(() => {
      // Scaled to zero while it was waking: that replica does not count any more.
      if (this.waking !== waking) return;
      this.status = 'ACTIVE';
      this.waking = undefined;
      this.touch();
    });
    // Callers that wait get the rejection. If nobody waits, it must not count as unhandled.
    waking.catch(() => undefined);
    this.waking = waking;
    return waking;
  }

  /** Takes the replicas away at once. */
  scaleToZero(): void {
    this.status = 'SCALED_TO_ZERO';
    this.waking = undefined;
  }

  /**
   * Holds a request until a replica is up. `undefined` means that one is up already.
   * @throws {Refusal} 404 as `checkCallable` does.
   */
  ready(): Promise<void> | undefined {
    this.checkCallable();
    return this.wake();
  }

  /**
   * Checks that a request can reach a replica, now or after waking one.
   * @throws {Refusal} 404 for a development deployment at zero: only the wake route starts those.
   */
  checkCallable(): void {
    if (this.status !== 'SCALED_TO_ZERO' || !this.options.isDevelopment) return;
    throw new Refusal(
      404,
      'model_not_ready',
      `Development deployment ${this.id} is scaled to zero. Wake it and call it again.`,
    );
  }

  /** Work on a request begins; the replica stays up until it is done. */
  enter(): void {
    this.busy += 1;
  }

  /** Work on the request is done; the scale-down delay begins. */
  leave(): void {
    this.busy -= 1;
    this.touch();
  }

  private touch() {
    this.lastUsedAt = this.clock.now();
    if (this.options.minReplica === 0 && !this.watching) void this.watchIdle();
  }

  private async watchIdle() {
    this.watching = true;
    try {
      for (;;) {
        const idleFor = this.clock.now() - this.lastUsedAt;
        if (this.busy === 0 && idleFor >= this.options.scaleDownDelayMs) break;
        const wait =
          this.busy > 0 ? this.options.scaleDownDelayMs : this.options.scaleDownDelayMs - idleFor;
        await this.clock.sleep(wait, this.stopped);
      }
      if (this.status === 'ACTIVE') this.scaleToZero();
    } catch {
      // The emulator was closed.
    } finally {
      this.watching = false;
    }
  }
}

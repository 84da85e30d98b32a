import type { Clock } from '../clock';
import { BasetenError } from '../http/refusal';

export type DeploymentStatus = 'ACTIVE' | 'SCALED_TO_ZERO' | 'WAKING_UP';

export interface DeploymentOptions {
  id: string;
  ownerId: string;
  name: string;
  environment: string | null;
  isDevelopment: boolean;
  /** 0 lets the deployment scale to zero. */
  minReplica: number;
  wakeMs: number;
  scaleDownDelayMs: number;
  createdAt: number;
  startsAsleep: boolean;
}

/** One deployment and its replicas: awake, asleep or waking. */
export class Deployment {
  status: DeploymentStatus;
  private waking: Promise<void> | undefined;
  private lastUsedAt: number;
  private busy = 0;
  private watching = false;

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
   * Starts a replica where there is none. The promise holds until one is up; `undefined` where one is up
   * already.
   */
  wake(): Promise<void> | undefined {
    if (this.status !== 'SCALED_TO_ZERO') return this.waking;
    this.status = 'WAKING_UP';
    const waking = this.clock.sleep(this.options.wakeMs, this.stopped).then(() => {
      // Put to sleep again while waking: that replica counts no more.
      if (this.waking !== waking) return;
      this.status = 'ACTIVE';
      this.waking = undefined;
      this.touch();
    });
    // Waiters see the rejection; without any, closing the emulator must not raise one.
    waking.catch(() => undefined);
    this.waking = waking;
    return waking;
  }

  /** Puts the deployment to sleep at once. */
  scaleToZero(): void {
    this.status = 'SCALED_TO_ZERO';
    this.waking = undefined;
  }

  /**
   * Holds a request until a replica is up. `undefined` means that one is up already.
   * Throws 404 for a development deployment at zero: only `wake` starts those.
   */
  ready(): Promise<void> | undefined {
    if (this.status === 'ACTIVE') return undefined;
    if (this.status === 'SCALED_TO_ZERO' && this.options.isDevelopment) {
      throw new BasetenError(
        404,
        'model_not_ready',
        `Development deployment ${this.id} is scaled to zero. Wake it and call it again.`,
      );
    }
    return this.wake();
  }

  /** A request has begun to be worked on; the replica stays up while one is. */
  enter(): void {
    this.busy += 1;
  }

  /** The request is done: the scale-down delay runs from here. */
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

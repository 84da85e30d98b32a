import type { Clock } from '../clock';
import { Refusal } from '../http/refusal';
import { hash, randomFrom } from '../models/hash';
import { type Capacity, type CapacityChange, changed } from './capacity';
import { Places } from './places';
import { Replicas } from './replicas';

/** The management API's statuses of a deployment. */
export type DeploymentStatus =
  | 'BUILDING'
  | 'DEPLOYING'
  | 'DEPLOY_FAILED'
  | 'LOADING_MODEL'
  | 'ACTIVE'
  | 'UNHEALTHY'
  | 'BUILD_FAILED'
  | 'BUILD_STOPPED'
  | 'DEACTIVATING'
  | 'INACTIVE'
  | 'FAILED'
  | 'UPDATING'
  | 'SCALED_TO_ZERO'
  | 'WAKING_UP';

/** Those in which a deployment takes requests. */
const CALLABLE: DeploymentStatus[] = ['ACTIVE', 'SCALED_TO_ZERO', 'UPDATING', 'WAKING_UP'];

/** What a deployment is made of. Its capacity and its environment can change. */
export interface DeploymentOptions {
  id: string;
  /** The ID of the model or chain. */
  ownerId: string;
  name: string;
  /** `null` on a deployment that is in no environment. A promotion changes it. */
  environment: string | null;
  isDevelopment: boolean;
  capacity: Capacity;
  /** Milliseconds since the epoch. */
  createdAt: number;
  startsAsleep: boolean;
}

/** How one request is worked on. */
export interface Visit {
  /** Resolves when a replica works on the request. `undefined` if one does at once. */
  begun: Promise<void> | undefined;
  /** The request is over, or its caller has gone. */
  leave(): void;
}

/** How busy a deployment is, and has been since the emulator started. */
export interface DeploymentLoad {
  /** Requests that replicas work on. */
  working: number;
  /** Requests that wait for a replica, or for a place at one. */
  queued: number;
  /** Requests that were refused because there were too many. */
  refused: number;
}

/** One deployment and its replicas: up, scaled to zero or waking. */
export class Deployment {
  status: DeploymentStatus;
  private waking: Promise<void> | undefined;
  private lastUsedAt: number;
  private inFlight = 0;
  private refused = 0;
  private watching = false;
  private readonly replicas: Replicas;
  private readonly places: Places;
  private readonly random: () => number;

  /** `stopped` is aborted when the emulator closes. */
  constructor(
    readonly options: DeploymentOptions,
    private readonly clock: Clock,
    private readonly stopped: AbortSignal,
  ) {
    this.status = options.startsAsleep ? 'SCALED_TO_ZERO' : 'ACTIVE';
    this.lastUsedAt = clock.now();
    this.random = randomFrom(hash(options.id));
    this.places = new Places(() => {
      const { up } = this.replicas;
      return up === 0 ? 0 : up * this.capacity.concurrencyTarget;
    });
    this.replicas = new Replicas({
      clock,
      stopped,
      capacity: () => this.capacity,
      onMore: () => this.places.fill(),
    });
    if (this.status === 'ACTIVE') this.replicas.begin();
  }

  get capacity() {
    return this.options.capacity;
  }

  /** Changes how much the deployment takes, and starts or ends replicas if that needs it. */
  change(change: CapacityChange): void {
    this.options.capacity = changed(this.capacity, change);
    this.replicas.adapt();
    this.touch();
  }

  get load(): DeploymentLoad {
    const working = this.places.taken;
    return { working, queued: this.inFlight - working, refused: this.refused };
  }

  get id() {
    return this.options.id;
  }

  get activeReplicas() {
    return this.replicas.up;
  }

  /**
   * Starts a replica if there is none. The promise resolves when one is up; `undefined` if one is
   * up already.
   */
  wake(): Promise<void> | undefined {
    if (this.status !== 'SCALED_TO_ZERO') return this.waking;
    this.status = 'WAKING_UP';
    const waking = this.clock.sleep(this.capacity.wakeMs, this.stopped).then(() => {
      // Scaled to zero while it was waking: that replica does not count any more.
      if (this.waking !== waking) return;
      this.status = 'ACTIVE';
      this.waking = undefined;
      this.replicas.begin();
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
    this.replicas.end();
  }

  /** Takes a status that a change gives it. Only an active one has replicas. */
  enterStatus(status: DeploymentStatus): void {
    const wasActive = this.status === 'ACTIVE';
    this.status = status;
    this.waking = undefined;
    if (status === 'ACTIVE') {
      if (!wasActive) this.replicas.begin();
      this.touch();
    } else this.replicas.end();
  }

  /**
   * Checks that a request can reach a replica, now or after waking one.
   * @throws {Refusal} 404 for a development deployment at zero: only the wake route starts those;
   * 404 also for one that does not run.
   */
  checkCallable(): void {
    if (!CALLABLE.includes(this.status)) {
      const message = `Deployment ${this.id} is ${this.status}.`;
      throw new Refusal(404, 'model_not_ready', message);
    }
    if (this.status !== 'SCALED_TO_ZERO' || !this.options.isDevelopment) return;
    throw new Refusal(
      404,
      'model_not_ready',
      `Development deployment ${this.id} is scaled to zero. Wake it and call it again.`,
    );
  }

  /**
   * Takes a request in. It may have to wait for a replica, or for a place at one.
   * @param isAsync An async request waits; any other is refused if there are too many.
   * @param signal Asked for only if the request has to wait. Aborted when the caller goes away.
   * @throws {Refusal} 404 as `checkCallable` does; 429 or 503 if there are too many.
   */
  enter(isAsync: boolean, signal: () => AbortSignal): Visit {
    this.checkCallable();
    if (!isAsync && this.inFlight >= this.capacity.maxInFlight) throw this.crowded();
    this.replicas.note((this.inFlight += 1));
    const { places } = this;
    let hasPlace = false;
    let isOver = false;
    const takePlace = (): Promise<void> | undefined => {
      if (isOver) return undefined;
      const waiting = places.take(signal);
      hasPlace = waiting === undefined;
      return waiting?.then(() => {
        hasPlace = !isOver;
        if (isOver) places.giveBack();
      });
    };
    return {
      begun: this.wake()?.then(takePlace) ?? takePlace(),
      leave: () => {
        isOver = true;
        if (hasPlace) places.giveBack();
        this.replicas.note((this.inFlight -= 1));
        this.touch();
      },
    };
  }

  /** Waits as long as a replica works on a request. `undefined` if that takes no time. */
  work(signal: () => AbortSignal): Promise<void> | undefined {
    const { serviceTime } = this.capacity;
    if (!serviceTime) return undefined;
    const { medianMs, sigma } = serviceTime;
    return this.clock.sleep(medianMs * Math.exp(sigma * this.normal()), signal());
  }

  /** A random number of the standard normal distribution (Box and Muller's way). */
  private normal(): number {
    const distance = Math.sqrt(-2 * Math.log(1 - this.random()));
    return distance * Math.cos(2 * Math.PI * this.random());
  }

  private crowded(): Refusal {
    this.refused += 1;
    const { maxInFlight, refusal } = this.capacity;
    const pause = { seconds: refusal.retryAfter, place: refusal.pauseIn, now: this.clock.now() };
    const message = `Deployment ${this.id} takes at most ${maxInFlight} requests at once.`;
    const code = refusal.status === 429 ? 'rate_limited' : 'model_unavailable';
    return new Refusal(refusal.status, code, message, { pause });
  }

  private touch() {
    this.lastUsedAt = this.clock.now();
    if (this.capacity.minReplica === 0 && !this.watching) void this.watchIdle();
  }

  private async watchIdle() {
    this.watching = true;
    try {
      while (this.capacity.minReplica === 0) {
        const { scaleDownDelayMs } = this.capacity;
        const idleFor = this.clock.now() - this.lastUsedAt;
        if (this.inFlight === 0 && idleFor >= scaleDownDelayMs) break;
        const wait = this.inFlight > 0 ? scaleDownDelayMs : scaleDownDelayMs - idleFor;
        await this.clock.sleep(wait, this.stopped);
      }
      if (this.status === 'ACTIVE' && this.capacity.minReplica === 0) this.scaleToZero();
    } catch {
      // The emulator was closed.
    } finally {
      this.watching = false;
    }
  }
}

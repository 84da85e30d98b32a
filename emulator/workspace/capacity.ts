import type { PausePlace } from '../http/refusal';

/**
 * How much a deployment works on at once, how its replicas follow its load, and what it refuses.
 * See https://docs.baseten.co/deploy/autoscaling.
 */
export interface Capacity {
  /** Requests that one replica works on side by side. Others wait in the deployment's queue. */
  concurrencyTarget: number;
  /** Time that a replica works on a request before the model answers: none by default. */
  serviceTime?: ServiceTime;
  /** Replicas that stay up; 0 lets the deployment scale to zero. */
  minReplica: number;
  maxReplica: number;
  /** Percent of `concurrencyTarget`: a higher load on each replica brings further ones. */
  targetUtilization: number;
  /** The time over which the load is averaged, in ms. */
  autoscalingWindowMs: number;
  /** Time from the decision for a replica until it works, in ms. */
  wakeMs: number;
  /** How long the load has to be low before replicas go away, in ms. At most half go at a time. */
  scaleDownDelayMs: number;
  /** Requests in flight at most, worked on or waiting. One more is refused unless it is async. */
  maxInFlight: number;
  /** What such a request gets. */
  refusal: CrowdedRefusal;
}

/** How long requests take: lognormal times, which are the same in each run. */
interface ServiceTime {
  /** Half of them take less, in ms. */
  medianMs: number;
  /** How far apart they are: the standard deviation of their logarithms. 0 if all are alike. */
  sigma: number;
}

/** How a deployment refuses requests that are too many. */
interface CrowdedRefusal {
  status: 429 | 503;
  /** Seconds that the response asks to wait. */
  retryAfter: number;
  /** Where the response says so. */
  pauseIn: PausePlace;
}

/** A capacity with some of its fields. */
export type CapacityChange = Partial<Omit<Capacity, 'refusal'>> & {
  refusal?: Partial<CrowdedRefusal>;
};

/** Works on everything at once, with one replica that stays up. */
export const UNLIMITED: Omit<Capacity, 'wakeMs' | 'scaleDownDelayMs'> = {
  concurrencyTarget: Infinity,
  minReplica: 1,
  maxReplica: 1,
  targetUtilization: 70,
  autoscalingWindowMs: 60_000,
  maxInFlight: Infinity,
  refusal: { status: 429, retryAfter: 1, pauseIn: 'none' },
};

/** A capacity with what changes. */
export function changed(capacity: Capacity, { refusal, ...change }: CapacityChange): Capacity {
  const whole = { ...capacity, ...change, refusal: { ...capacity.refusal, ...refusal } };
  return { ...whole, maxReplica: Math.max(1, whole.minReplica, whole.maxReplica) };
}

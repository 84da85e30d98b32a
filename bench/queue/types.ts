import type { Setup } from '../shared/machine';

/** Executions of predictions, started by calls all at once. */
export interface PredictionRound {
  workers: number;
  executions: number;
  items: number;
  /** From the first call until the last execution had ended. */
  seconds: number;
  /** Predictions that the model was not asked for, or more than once. */
  lost: number;
  twice: number;
}

/** How deliveries that were sent at the same moment were answered. */
export interface Answers {
  deliveries: number;
  /** 200 in time. */
  answered: number;
  /** Those, in the time until the last of them had its answer. */
  perSecond: number;
  slowestMs: number;
}

/** Deliveries through the balancer to two webhook processors. */
export interface DeliveryRound extends Answers {
  workers: number;
  /** From the first delivery until the last execution had ended. */
  seconds: number;
}

/** A burst of results of one size, to one kind of n8n. */
export interface BurstRound extends Answers {
  setting: string;
  /** Of data in each result. */
  bytes: number;
  executions: number;
}

/** What `bench/results/queue.json` holds. */
export interface QueueResults extends Setup {
  n8n: string;
  predictions: PredictionRound[];
  deliveries: DeliveryRound[];
  bursts: BurstRound[];
}

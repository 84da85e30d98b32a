import type { Setup } from '../shared/machine';

/** What the sender is asked to do: deliver results of its own making, all at once. */
export interface Job {
  url: string;
  secret: string;
  requestIds: string[];
  /** After this long without an answer a delivery is given up. */
  timeoutMs: number;
}

/** How one delivery went. */
export interface Sent {
  /** Absent where no answer came in time. */
  status?: number;
  /** Until the answer, or until it was given up. */
  ms: number;
}

/** The two nodes that are compared. */
export type Receiver = 'basetenTrigger' | 'webhook';

/** An n8n to measure on. */
export interface Setting {
  name: string;
  /** What sets it apart, as n8n's environment. */
  env: Record<string, string>;
  /** How many deliveries at once. */
  sizes: number[];
}

/** One burst, to one node. */
export interface Round {
  setting: string;
  receiver: Receiver;
  size: number;
  /** Answered 200 in time. */
  answered: number;
  /** Those, in the time until the last of them had its answer. */
  perSecond: number;
  slowestMs: number;
  executions: number;
  /** Sent and in no execution when n8n had come to rest. */
  lost: number;
  /** In more than one execution. */
  twice: number;
}

/** What is written to the results file. */
export interface DeliveryResults extends Setup {
  n8n: string;
  settings: Setting[];
  rounds: Round[];
  /** What there was no time for. */
  skipped: string[];
}

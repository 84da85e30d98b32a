import type { CapacityChange } from '../../emulator';
import type { Setup } from '../shared/benchmark';

/** What makes the requests. */
export type FlowCaller =
  /** This node. */
  | 'node'
  /** This node as it was in another checkout. */
  | 'before'
  /** n8n's HTTP Request node. */
  | 'httpRequest';

/** Something that is measured in a case. */
export interface Contender {
  caller: FlowCaller;
  /** _Max Concurrency_; undefined if nothing is set. */
  fixed?: number;
  /** Whether the case runs twice on a deployment that this process has not met: both count. */
  isTwice?: boolean;
}

/** A deployment, and the requests that are sent to it. */
export interface FlowCase {
  /** Its name in results and on the command line. */
  name: string;
  /** What it is, for the table. */
  title: string;
  /** Items of one execution. */
  items: number;
  /** Executions that begin at the same time. */
  executions?: number;
  /** What the deployment takes; `null` means no limit. */
  capacity: CapacityChange;
  /** Seconds after which the deployment changes, how, and the answers a second it can give then. */
  change?: { afterSeconds: number; capacity: CapacityChange; perSecond: number };
  /** A limit of requests a minute for the first key, and how many may come at once. */
  limit?: { perMinute: number; burst?: number };
  contenders: Contender[];
  /** Rounds at most. */
  rounds?: number;
  /** Whether each run has a process of its own, since refusals are remembered. */
  isIsolated?: boolean;
}

/** How busy the deployment was in one part of a run. */
export interface Moment {
  /** Milliseconds since the first request. */
  ms: number;
  /** Requests in flight: the mean of this part. */
  inFlight: number;
  /** Answers a second. */
  answers: number;
  /** Refused requests. */
  refused: number;
}

/** One run of a case by a contender. */
export interface FlowRun {
  caller: FlowCaller;
  fixed?: number;
  /** 1 or 2 if the case ran twice on a deployment; otherwise 1. */
  turn: number;
  /** Milliseconds that the node took; from the first to the last if there were several. */
  ms: number;
  /** Items that came back with an answer. */
  answered: number;
  /** Requests that were sent. */
  sent: number;
  /** Requests that were refused with 429 or 503. */
  refused: number;
  /** Nine of ten requests waited this long or less in the deployment's queue, in ms. */
  waited: number;
  /** The part of answers that the execution with the fewest got while both had work. */
  smallestShare?: number;
  /** Milliseconds after the change until the deployment gave most of what it then could. */
  followedMs?: number;
  /** Milliseconds that requests with a second key took alone, and beside the limited key. */
  secondKey?: { alone: number; beside: number };
  /** The part of the machine that other processes took meanwhile. */
  others: number;
  /** Kept of one run, for the chart. */
  moments?: Moment[];
}

/** A case that was measured. */
export interface MeasuredCase extends Setup {
  name: string;
  runs: FlowRun[];
}

/** The content of `bench/results/flow.json`. */
export interface FlowResults {
  cases: MeasuredCase[];
}

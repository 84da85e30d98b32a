import type { Setup } from '../shared/benchmark';

/** Where the nodes run: n8n-core's engine in a process of its own, or a real n8n. */
export type Place = 'engine' | 'n8n';

/** How many predictions, how long the model takes, and how far away it is. */
export interface Condition {
  items: number;
  /** Milliseconds that the model takes. */
  modelMs: number;
  /** Milliseconds that bytes take in each direction, on top of loopback itself. */
  eachWayMs: number;
}

/** What makes the predictions. `nothing` passes the items on without a call. */
export type CallerId =
  | 'node'
  | 'nodeNothingSet'
  | 'nodeOverN8n'
  | 'httpRequest'
  | 'httpRequestBatches'
  | 'loop'
  | 'performanceClient'
  | 'undici'
  | 'fetch'
  | 'nothing';

/** What all predictions of one caller took. */
export interface Measured {
  /**
   * Milliseconds until the last response. In n8n and its engine those of the node, by n8n's clock.
   */
  ms: number;
  /** Milliseconds of CPU that the process used for it. */
  cpuMs: number;
}

/** One caller under one condition, once. */
export interface PredictionRound extends Condition, Measured {
  place: Place;
  /** The caller. */
  way: CallerId;
  /** Milliseconds of CPU that the emulator used for it. */
  emulatorCpuMs: number;
  /** TCP connections that were opened. */
  connections: number;
  /** The most requests in flight at once. */
  peakInFlight: number;
}

/** The content of `bench/results/predictions.json`. */
export interface PredictionResults extends Setup {
  n8n: string;
  /** The Node that the real n8n runs on. */
  n8nNode: string;
  inFlight: number;
  /** Predictions a second that the emulator answers when several processes call it. */
  ceiling: number;
  rounds: PredictionRound[];
  /** What there was no time for. */
  skipped: string[];
}

/** What a process does that makes predictions outside the real n8n. */
export interface Job extends Condition {
  caller: CallerId;
  /** Where the emulator is, for clients that can be told which certificate to trust. */
  url: string;
  /** Where it is without TLS. */
  clearUrl: string;
  /** The folder of the real n8n, whose HTTP Request node is used. */
  hostFolder: string;
}

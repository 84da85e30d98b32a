import type { Setup } from '../shared/machine';

/** Where the nodes run: n8n-core's engine in a process of its own, or a real n8n. */
export type Place = 'engine' | 'n8n';

/** What is measured: so many predictions by a model that takes so long, with so much delay on the way. */
export interface Condition {
  items: number;
  modelMs: number;
  /** Milliseconds that bytes take in each direction, besides loopback itself. */
  eachWayMs: number;
}

/** One way to make the predictions. */
export type WayId =
  | 'node'
  | 'nodeOverN8n'
  | 'httpRequest'
  | 'httpRequestBatches'
  | 'loop'
  | 'performanceClient'
  | 'undici'
  | 'fetch'
  | 'nothing';

/** One way, once. */
export interface PredictionRound extends Condition {
  place: Place;
  way: WayId;
  /** Milliseconds until all were answered. In n8n and its engine those of the node, by n8n's own clock. */
  ms: number;
  /** Milliseconds of CPU that the process used for it. */
  cpuMs: number;
  /** And the emulator. */
  emulatorCpuMs: number;
  /** TCP connections that were opened. */
  connections: number;
  /** The most requests in flight at once. */
  peakInFlight: number;
}

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

/** What a process is asked to do that makes predictions outside the real n8n. */
export interface Job extends Condition {
  /** Where the emulator is, for clients that can be told what to trust. */
  url: string;
  /** Where it is without TLS. */
  clearUrl: string;
}

/** What it took. */
export interface Done {
  ms: number;
  cpuMs: number;
}

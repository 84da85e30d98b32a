import type { Host } from '../../host/install/install';

/** How much a part of the benchmark is to measure, and with what. */
export interface Plan {
  /** The real n8n. */
  host: Host;
  /** Rounds of which the medians are taken; one more comes before them to warm up. */
  rounds: number;
  /** Whether something new may still be begun: the run is to end in time. */
  hasTime(): boolean;
  /** Gives up. */
  signal: AbortSignal;
  /** Tells the person at the keyboard what is being measured. */
  say(text: string): void;
}

/** A subject of the benchmark: how it is measured, and how its results read. `Results` are written as JSON. */
export interface Part<Results> {
  /** What it is called on the command line; its results are in `results/<name>.json`. */
  name: string;
  measure(plan: Plan): Promise<Results>;
  /** Its section of `RESULTS.md`. */
  section(results: Results): string;
}

/** A real n8n, ready to start. */
export interface Host {
  folder: string;
  /** The script to run with `nodeBin`. */
  n8nBin: string;
  /** The Node that this n8n runs on. It is newer than the one the project needs. */
  nodeBin: string;
  /** The version of n8n. */
  version: string;
  /** How long it took to install it now, in seconds; 0 when it was there. */
  installSeconds: number;
}

/** What the install is doing; `done` of `total` if that can be counted. */
export interface Progress {
  text: string;
  done?: number;
  total?: number;
}

/** Is called whenever the install begins a step or gets on with one. */
export type OnProgress = (progress: Progress) => void;

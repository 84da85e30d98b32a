import type { Setup } from '../shared/machine';

/** What goes through n8n. */
export type Load = 'answer' | 'upload' | 'items';
/** What makes the calls; `nothing` gives the items on without any. */
export type Caller = 'node' | 'httpRequest' | 'nothing';

/** One execution. */
export interface MemoryRound {
  load: Load;
  caller: Caller;
  /** Bytes that n8n's process held at most, beyond what it held before. */
  growth: number;
  ms: number;
}

/** Items in the engine: what is still held afterwards, garbage left out. */
export interface HeapRound {
  caller: Caller;
  /** Bytes of heap beyond those before, with the result in hand, and after it was let go. */
  held: number;
  left: number;
}

export interface MemoryResults extends Setup {
  n8n: string;
  /** Bytes of the answer and of the upload. */
  bytes: number;
  items: number;
  rounds: MemoryRound[];
  heap: HeapRound[];
}

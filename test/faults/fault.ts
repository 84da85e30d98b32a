import type { Emulator } from '../../emulator';

/** ID of the model that has the fault. The other items call another model. */
export const FAULTY = 'faulty01';

/** A fault, and what must come of it. */
export interface Fault {
  /** Its row in the matrix. */
  name: string;
  /**
   * Makes the fault happen.
   * @param endTime ends the time limit of the attempt that is in flight
   */
  arrange?(emulator: Emulator, endTime: () => void): void;
  /** Fields of the credential that cause the fault. All items meet it then. */
  credential?: Record<string, string>;
  /** Title of the error. A fault without a title lets the call succeed. */
  title?: string;
  /** HTTP status that the error shows. */
  status?: number;
  /** What the error must show of the response. Without it, the error must show nothing of it. */
  answer?: string;
  /** What the description must say besides. */
  hint?: RegExp;
  /** The item, if the call succeeds. */
  json?: object;
  /** Whether the response's request ID must not be shown. */
  hidesRequestId?: true;
  /** Milliseconds of the pauses between attempts. Empty if the request is never repeated. */
  pauses: number[];
  /** How often the fault happens before it is over; always by default. */
  times?: number;
}

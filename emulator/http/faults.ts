import { type RequestMatch, matches } from './match';

/**
 * What can go wrong on demand. These respond in the place of what was asked for:
 * - `status`: responds with `status` (500) and `body` or Baseten's error JSON. Some statuses are
 *   read in ways of their own: 407 and 421 by Node's fetch, 204 and 304 without a body.
 * - `html`: responds with `status` (502) and a gateway's HTML page. With 200 it is the page of a
 *   wall in between that asks people to sign in.
 * - `invalidJson`: responds with 200 and JSON that stops in the middle.
 * - `delay`: waits `ms` by the clock, then goes on as usual.
 * - `hang`: never responds.
 * - `reset`: resets the connection before the request is worked on.
 * - `lost`: works on the request, then resets the connection instead of responding.
 *
 * These change the response, or, if `status` is set, what the fault `status` would respond:
 * - `truncate`: sends the head of the response and half of its body, then cuts the connection.
 * - `continue`: sends `100 Continue` first, which nobody asked for. HTTP/1 only.
 * - `hugeHeaders`: adds 17 KB of headers, more than Node reads.
 * - `echoKey`: repeats the key of the request as `X-BASETEN-REQUEST-ID`.
 * - `headersTwice`: sends each of `headers` twice.
 * - `notGzip`: says that the body is gzip, which it is not.
 * - `byteOrderMark`: puts a byte order mark before the body.
 * - `latin1`: writes the body in ISO-8859-1, and says so in its type.
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

const FAULT_KINDS = [
  'status',
  'html',
  'invalidJson',
  'delay',
  'hang',
  'reset',
  'lost',
  'truncate',
  'continue',
  'hugeHeaders',
  'echoKey',
  'headersTwice',
  'notGzip',
  'byteOrderMark',
  'latin1',
] as const;

/** A fault, the requests it hits and how often. */
export interface Fault {
  kind: FaultKind;
  /** Which requests are hit: all by default. */
  match?: RequestMatch;
  /** How many requests are hit: 1 by default. */
  times?: number | 'always';
  /** How many matching requests pass first: 0 by default. */
  after?: number;
  status?: number;
  /** A string or Buffer is sent as it is, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** For `delay`, in ms. */
  ms?: number;
}

interface ActiveFault {
  fault: Fault;
  toSkip: number;
  left: number;
}

/** The faults that are still to happen, tried in the order they were added. */
export class FaultList {
  private active: ActiveFault[] = [];

  /**
   * Adds a fault behind the others.
   * @throws {TypeError} If the kind is unknown.
   */
  add(fault: Fault): void {
    if (!FAULT_KINDS.includes(fault.kind)) {
      throw new TypeError(`Unknown fault kind "${fault.kind}": one of ${FAULT_KINDS.join(', ')}.`);
    }
    const left = fault.times === 'always' ? Infinity : (fault.times ?? 1);
    this.active.push({ fault, toSkip: fault.after ?? 0, left });
  }

  /** Removes every fault. */
  clear(): void {
    this.active = [];
  }

  /** The fault that hits this request, if any; it counts as used. */
  take(method: string, path: string): Fault | undefined {
    if (this.active.length === 0) return undefined;
    for (const entry of this.active) {
      if (!matches(entry.fault.match, method, path)) continue;
      if (entry.toSkip > 0) {
        entry.toSkip -= 1;
        continue;
      }
      entry.left -= 1;
      if (entry.left <= 0) this.active = this.active.filter((other) => other !== entry);
      return entry.fault;
    }
    return undefined;
  }
}

import type { IncomingHttpHeaders } from 'node:http';

/** A request as it arrived, and the status of its response. */
export interface RecordedRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  /** The query as it was sent, without its question mark. */
  search: string;
  headers: IncomingHttpHeaders;
  rawBody: Buffer;
  /**
   * Parses the body as JSON.
   * @throws {SyntaxError} If it is not valid JSON.
   */
  json(): unknown;
  /** Milliseconds since the epoch, by the emulator's clock. */
  receivedAt: number;
  /**
   * When a replica began to work on it. Absent if none has; a Model API has no replicas. In ms
   * since the epoch, as the next one.
   */
  begunAt?: number;
  /** When its response ended or its connection was cut. */
  endedAt?: number;
  /** Absent until the response has begun, and for good if the connection was cut before. */
  status?: number;
}

/**
 * Bodies kept in the log, in bytes altogether: enough for every test, too little to fill the
 * memory.
 */
const MOST_BYTES = 256 * 1024 * 1024;

class Recorded implements RecordedRequest {
  rawBody: Buffer = Buffer.alloc(0);
  begunAt?: number;
  endedAt?: number;
  status?: number;
  readonly path: string;
  readonly search: string;
  private parsedQuery: Record<string, string> | undefined;

  constructor(
    readonly method: string,
    url: string,
    readonly headers: IncomingHttpHeaders,
    readonly receivedAt: number,
  ) {
    const cut = url.indexOf('?');
    this.path = cut < 0 ? url : url.slice(0, cut);
    this.search = cut < 0 ? '' : url.slice(cut + 1);
  }

  get query() {
    return (this.parsedQuery ??= Object.fromEntries(new URLSearchParams(this.search)));
  }

  json(): unknown {
    return JSON.parse(this.rawBody.toString('utf8'));
  }
}

/** What the emulator received, oldest first, bounded in number and bytes. */
export class RequestLog {
  readonly requests: RecordedRequest[] = [];
  /** Requests whose response has not ended. */
  inFlight = 0;
  /** The most requests in flight at once. */
  peakInFlight = 0;
  /** TCP connections opened by clients. */
  connections = 0;
  private bytes = 0;

  /** `most` is the number of requests kept. */
  constructor(private readonly most: number) {}

  /** Adds a request whose body is not read yet. `receivedAt` is in milliseconds since the epoch. */
  begin(
    method: string,
    url: string,
    headers: IncomingHttpHeaders,
    receivedAt: number,
  ): RecordedRequest {
    const record = new Recorded(method, url, headers, receivedAt);
    this.requests.push(record);
    this.inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.inFlight);
    this.trim();
    return record;
  }

  /**
   * Keeps the body of a request, and drops the oldest requests if all bodies together are too
   * large.
   */
  attachBody(record: RecordedRequest, body: Buffer): void {
    record.rawBody = body;
    this.bytes += body.length;
    this.trim();
  }

  /** A request is not in flight any more. */
  end(): void {
    this.inFlight -= 1;
  }

  /** Forgets every request; the counters stay. */
  clear(): void {
    this.requests.length = 0;
    this.bytes = 0;
  }

  /** Sets `connections` to 0 and `peakInFlight` to what is in flight. */
  resetCounters(): void {
    this.peakInFlight = this.inFlight;
    this.connections = 0;
  }

  private trim() {
    while (
      this.requests.length > 1 &&
      (this.requests.length > this.most || this.bytes > MOST_BYTES)
    ) {
      this.bytes -= this.requests.shift()?.rawBody.length ?? 0;
    }
  }
}

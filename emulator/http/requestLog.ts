import type { IncomingHttpHeaders } from 'node:http';

/** A request as it arrived, and the status it was answered with. */
export interface RecordedRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  rawBody: Buffer;
  /** Parsed JSON body. Throws SyntaxError where it isn't JSON. */
  json(): unknown;
  /** Milliseconds since the epoch, by the emulator's clock. */
  receivedAt: number;
  /** Absent until answered, and for good where the connection was cut before. */
  status?: number;
}

/** Bodies kept in the log, in bytes altogether: enough for every test, too little to fill the memory. */
const MOST_BYTES = 256 * 1024 * 1024;

class Recorded implements RecordedRequest {
  rawBody: Buffer = Buffer.alloc(0);
  status?: number;
  private parsedQuery: Record<string, string> | undefined;

  constructor(
    readonly method: string,
    readonly path: string,
    private readonly search: string,
    readonly headers: IncomingHttpHeaders,
    readonly receivedAt: number,
  ) {}

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
  /** Requests not answered yet, and the most there were at once. */
  inFlight = 0;
  peakInFlight = 0;
  /** TCP connections opened by clients. */
  connections = 0;
  private bytes = 0;

  constructor(private readonly most: number) {}

  begin(
    method: string,
    url: string,
    headers: IncomingHttpHeaders,
    receivedAt: number,
  ): RecordedRequest {
    const cut = url.indexOf('?');
    const path = cut < 0 ? url : url.slice(0, cut);
    const record = new Recorded(
      method,
      path,
      cut < 0 ? '' : url.slice(cut + 1),
      headers,
      receivedAt,
    );
    this.requests.push(record);
    this.inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.inFlight);
    this.trim();
    return record;
  }

  attachBody(record: RecordedRequest, body: Buffer): void {
    record.rawBody = body;
    this.bytes += body.length;
    this.trim();
  }

  end(): void {
    this.inFlight -= 1;
  }

  clear(): void {
    this.requests.length = 0;
    this.bytes = 0;
  }

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

/** An event of a stream, as the server sent it. */
export interface ServerSentEvent {
  /** The event's name; `message` if the server does not name it. */
  event: string;
  /** Lines of data, joined by line feeds. */
  data: string;
}

/**
 * Reads server-sent events from a body, however it is cut into chunks. It takes more than the
 * standard does, because servers send it:
 * - The last event counts even without the blank line that should end it.
 * - Events may be parted by one line break instead of two. A line of data that is whole JSON by
 *   itself, or `[DONE]`, is an event of its own if more data follows: two pieces of JSON below each
 *   other are never one. JSON that is written over many lines stays one event.
 * - A line that is a JSON object by itself is data, too: some servers give an error that way.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  yield* eventsIn(readLines(body));
}

/** Like `readEvents`, for lines that were read already. */
export async function* eventsIn(lines: AsyncIterable<string>): AsyncGenerator<ServerSentEvent> {
  const parser = new EventParser();
  for await (const line of lines) {
    const event = parser.line(line);
    if (event) yield event;
  }
  const last = parser.end();
  if (last) yield last;
}

/**
 * Reads the lines of a body, however it is cut into chunks. A line ends with a line feed, a
 * carriage return or both. The last one counts even without its end, unless it is empty.
 */
export async function* readLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // Holds back half a character until the rest of it is there, and drops a byte order mark.
  const decoder = new TextDecoder();
  const splitter = new LineSplitter();
  for await (const chunk of body) yield* splitter.push(decoder.decode(chunk, { stream: true }));
  yield* splitter.push(decoder.decode());
  yield* splitter.end();
}

class LineSplitter {
  /** The line that has not ended yet. */
  private rest = '';
  /** A carriage return that came last: it may be the first half of a line end. */
  private held = '';

  push(text: string): string[] {
    const all = this.held + text;
    this.held = all.endsWith('\r') ? '\r' : '';
    // Only what is new is searched. Otherwise each piece of a long line would search the whole line
    // again.
    const lines = all.slice(0, all.length - this.held.length).split(/\r\n|\n|\r/);
    lines[0] = this.rest + lines[0];
    this.rest = lines.pop() as string;
    return lines;
  }

  end(): string[] {
    return this.rest === '' && this.held === '' ? [] : [this.rest];
  }
}

class EventParser {
  /** The name of the event whose lines are read. */
  private name = '';
  /** A name that came after a line of data: it is this event's, or the next one's. */
  private laterName: string | undefined;
  private data: string[] = [];
  /** How many lines of the data are not blank. */
  private filled = 0;

  /** Reads one line. @returns the event that ends with it, or in front of it */
  line(line: string): ServerSentEvent | undefined {
    if (line === '') return this.end();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    // A comment has an empty name. Fields that only matter to a browser are skipped.
    if (field === 'data') return this.addData(value);
    if (line.startsWith('{') && isWhole(line)) return this.addData(line);
    if (field === 'event') {
      if (this.data.length === 0) this.name = value;
      else this.laterName = value;
    }
    return undefined;
  }

  /** Ends the event. @returns it, if it has data */
  end(): ServerSentEvent | undefined {
    const event = this.eventNamed(this.laterName ?? this.name);
    this.start('');
    return event;
  }

  private addData(value: string): ServerSentEvent | undefined {
    const isBlank = value.trim() === '';
    let ended: ServerSentEvent | undefined;
    if (this.filled === 1 && !isBlank && isWhole(this.data.join('\n'))) {
      ended = this.eventNamed(this.name);
      this.start(this.laterName ?? '');
    }
    this.data.push(value);
    if (!isBlank) this.filled++;
    return ended;
  }

  private eventNamed(name: string): ServerSentEvent | undefined {
    if (this.data.length === 0) return undefined;
    return { event: name || 'message', data: this.data.join('\n') };
  }

  private start(name: string): void {
    this.name = name;
    this.laterName = undefined;
    this.data = [];
    this.filled = 0;
  }
}

/** Whether data needs no further line: it is JSON, or the mark at the end of a stream. */
function isWhole(data: string): boolean {
  if (data.trim() === '[DONE]') return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}

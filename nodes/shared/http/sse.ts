/** An event of a stream, as the server sent it. */
export interface ServerSentEvent {
  /** The event's name; `message` if the server does not name it. */
  event: string;
  /** Lines of data, joined by line feeds. */
  data: string;
}

/**
 * Reads server-sent events from a body, however it is cut into chunks. The last event counts even
 * without the blank line that should end it, since servers leave that out.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  // Holds back half a character until the rest of it is there, and drops a byte order mark.
  const decoder = new TextDecoder();
  const parser = new EventParser();
  for await (const chunk of body) yield* parser.push(decoder.decode(chunk, { stream: true }));
  yield* parser.push(decoder.decode());
  yield* parser.end();
}

class EventParser {
  /** The line that has not ended yet. */
  private rest = '';
  /** A carriage return that came last: it may be the first half of a line end. */
  private held = '';
  private event = '';
  private data: string[] = [];

  *push(text: string): Generator<ServerSentEvent> {
    const all = this.held + text;
    this.held = all.endsWith('\r') ? '\r' : '';
    // Only what is new is searched. Otherwise each piece of a long line would search the whole line
    // again.
    const lines = all.slice(0, all.length - this.held.length).split(/\r\n|\n|\r/);
    lines[0] = this.rest + lines[0];
    this.rest = lines.pop() as string;
    for (const line of lines) {
      const event = this.line(line);
      if (event) yield event;
    }
  }

  end(): Generator<ServerSentEvent> {
    return this.push('\n\n');
  }

  /** Reads one line. @returns the event that ends with it */
  private line(line: string): ServerSentEvent | undefined {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    // A comment has an empty name. Fields that only matter to a browser are skipped.
    if (name === 'data') this.data.push(value);
    else if (name === 'event') this.event = value;
    return undefined;
  }

  private dispatch(): ServerSentEvent | undefined {
    const event = { event: this.event || 'message', data: this.data.join('\n') };
    const isEmpty = this.data.length === 0;
    this.event = '';
    this.data = [];
    return isEmpty ? undefined : event;
  }
}

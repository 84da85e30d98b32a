const OPEN = '<think>';
const CLOSE = '</think>';

/** A piece of an answer, sorted. */
export interface Sorted {
  content: string;
  reasoning: string;
}

/**
 * Tells the `<think>` blocks that an answer begins with from what is said after them, while the answer comes in
 * pieces. Blocks further on are part of the text.
 */
export class ThinkingSplitter {
  private state: 'before' | 'thinking' | 'answer' = 'before';
  /** Text that may be part of a tag. */
  private held = '';
  private hadBlock = false;

  push(text: string): Sorted {
    const sorted: Sorted = { content: '', reasoning: '' };
    this.held += text;
    while (this.step(sorted));
    return sorted;
  }

  /** @returns what was held back; a block that was cut off is reasoning */
  end(): Sorted {
    const held = this.held;
    this.held = '';
    if (this.state === 'thinking') return { content: '', reasoning: held };
    return {
      content: this.hadBlock && this.state === 'before' ? held.trimStart() : held,
      reasoning: '',
    };
  }

  /** @returns whether there may be more to do with what is held */
  private step(sorted: Sorted): boolean {
    if (this.state === 'answer') {
      sorted.content += this.held;
      this.held = '';
      return false;
    }
    if (this.state === 'thinking') return this.think(sorted);
    const text = this.held.trimStart();
    if (text.startsWith(OPEN)) {
      this.held = text.slice(OPEN.length);
      this.state = 'thinking';
      this.hadBlock = true;
      return true;
    }
    // Too short to tell yet.
    if (OPEN.startsWith(text)) return false;
    // Only the space between a block and the answer goes; an answer without one is kept as it is.
    if (this.hadBlock) this.held = text;
    this.state = 'answer';
    return true;
  }

  private think(sorted: Sorted): boolean {
    const end = this.held.indexOf(CLOSE);
    if (end >= 0) {
      sorted.reasoning += this.held.slice(0, end);
      this.held = this.held.slice(end + CLOSE.length);
      this.state = 'before';
      return true;
    }
    // The end may be the beginning of the closing tag.
    const safe = Math.max(0, this.held.length - CLOSE.length + 1);
    sorted.reasoning += this.held.slice(0, safe);
    this.held = this.held.slice(safe);
    return false;
  }
}

/** Sorts a whole answer. */
export function splitThinking(text: string): Sorted {
  const splitter = new ThinkingSplitter();
  const first = splitter.push(text);
  const last = splitter.end();
  return { content: first.content + last.content, reasoning: first.reasoning + last.reasoning };
}

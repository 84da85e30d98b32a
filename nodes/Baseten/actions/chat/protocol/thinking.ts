const OPEN = '<think>';
const CLOSE = '</think>';

/** A piece of a model's text, split in two. */
export interface SplitText {
  /** What the model says. */
  content: string;
  /** What it thought before, without the tags. */
  reasoning: string;
}

/**
 * Separates the `<think>` blocks at the start of a model's text from the answer behind them, while
 * the text comes in pieces. A block inside the answer stays part of it.
 */
export class ThinkingSplitter {
  private state: 'before' | 'thinking' | 'answer' = 'before';
  /** Text that is held back because it may be the beginning of a tag. */
  private held = '';
  private hadBlock = false;

  /** Takes the next piece of text. @returns what is certain by now */
  push(text: string): SplitText {
    const split: SplitText = { content: '', reasoning: '' };
    this.held += text;
    while (this.step(split));
    return split;
  }

  /** Ends the text. @returns what was held back; a block without its end is reasoning */
  end(): SplitText {
    const held = this.held;
    this.held = '';
    if (this.state === 'thinking') return { content: '', reasoning: held };
    return {
      content: this.hadBlock && this.state === 'before' ? held.trimStart() : held,
      reasoning: '',
    };
  }

  /** Moves held text to its place. @returns whether another step may move more */
  private step(split: SplitText): boolean {
    if (this.state === 'answer') {
      split.content += this.held;
      this.held = '';
      return false;
    }
    if (this.state === 'thinking') return this.think(split);
    const text = this.held.trimStart();
    if (text.startsWith(OPEN)) {
      this.held = text.slice(OPEN.length);
      this.state = 'thinking';
      this.hadBlock = true;
      return true;
    }
    // This may still become a tag.
    if (OPEN.startsWith(text)) return false;
    // Space between a block and the answer is dropped. Space at the start of an answer is kept.
    if (this.hadBlock) this.held = text;
    this.state = 'answer';
    return true;
  }

  private think(split: SplitText): boolean {
    const end = this.held.indexOf(CLOSE);
    if (end >= 0) {
      split.reasoning += this.held.slice(0, end);
      this.held = this.held.slice(end + CLOSE.length);
      this.state = 'before';
      return true;
    }
    // The last letters may be the beginning of the closing tag.
    const safe = Math.max(0, this.held.length - CLOSE.length + 1);
    split.reasoning += this.held.slice(0, safe);
    this.held = this.held.slice(safe);
    return false;
  }
}

/** Like `ThinkingSplitter`, for a text that is there as a whole. */
export function splitThinking(text: string): SplitText {
  const splitter = new ThinkingSplitter();
  const first = splitter.push(text);
  const last = splitter.end();
  return { content: first.content + last.content, reasoning: first.reasoning + last.reasoning };
}

// Decisions: docs/decisions.md, "What a model thought is parted from its answer".

import { tryParse } from './json';

const OPEN = '<think>';
const CLOSE = '</think>';

/** A model's text, split in two. */
export interface SplitText {
  /** What the model says. */
  content: string;
  /** What it thought before, without the tags. */
  reasoning: string;
}

/**
 * Parts a model's text from what it thought before, by these rules:
 * - `<think>` blocks at the start are reasoning. A block inside the answer stays part of it.
 * - A block without an end is reasoning if the answer was cut off. If the model stopped by itself,
 *   the text is the answer, which speaks of the tag.
 * - Some prompts open the block, so the text has the closing tag alone. What stands in front of the
 *   first one is reasoning, unless the text only mentions the tag: in code, in quotes or brackets,
 *   or as a word of a sentence. A text that is JSON as a whole is not parted.
 * @param text the whole text
 * @param finishReason why the model stopped; empty if that is not known
 */
export function splitThinking(text: string, finishReason = ''): SplitText {
  const thoughts: string[] = [];
  let at = 0;
  for (;;) {
    const start = skipSpace(text, at);
    if (!text.startsWith(OPEN, start)) break;
    const inside = start + OPEN.length;
    const end = thoughts.length === 0 ? endOfFirst(text, inside) : text.indexOf(CLOSE, inside);
    if (end < 0 && finishReason === 'stop') break;
    thoughts.push(text.slice(inside, end < 0 ? undefined : end));
    at = end < 0 ? text.length : end + CLOSE.length;
  }
  if (thoughts.length === 0) return splitAtClosingTag(text);
  // Space between a block and the answer is dropped. Space at the start of an answer is kept.
  return { content: text.slice(skipSpace(text, at)), reasoning: thoughts.join('') };
}

/**
 * Lets the answer through while a model's text comes in pieces, and keeps back what may be
 * reasoning. At the end, `splitThinking` knows more.
 */
export class ThinkingFilter {
  private state: 'before' | 'inside' | 'thinking' | 'closed' | 'answer' | 'unsure' = 'before';
  /** Text that is held back because it may be the beginning of a tag. */
  private held = '';
  /** Space that is part of the answer, unless a block follows. */
  private space = '';
  private hadBlock = false;

  /** @param beginsInside whether the text begins inside a block that the prompt has opened */
  constructor(beginsInside = false) {
    if (beginsInside) this.state = 'inside';
  }

  /** Takes the next piece of text. @returns what is certainly part of the answer */
  push(text: string): string {
    if (this.state === 'answer') return text;
    this.held += text;
    while (this.step());
    return this.release();
  }

  /** The held text, once it is part of the answer. */
  private release(): string {
    if (this.state !== 'answer') return '';
    const answer = this.held;
    this.held = '';
    return answer;
  }

  /** Looks at the held text. @returns whether another step may tell more */
  private step(): boolean {
    if (this.state === 'before') return this.begin();
    if (this.state === 'inside') return this.wait();
    if (this.state === 'thinking') return this.think();
    if (this.state === 'closed') this.skip();
    if (this.state === 'unsure') this.held = '';
    return false;
  }

  private begin(): boolean {
    const start = skipSpace(this.held, 0);
    this.space += this.held.slice(0, start);
    const text = this.held.slice(start);
    this.held = text;
    if (text.startsWith(OPEN)) {
      // Two more characters tell whether a sentence about the tag begins here.
      if (text.length < OPEN.length + 2) return false;
      const mayBeText = !this.hadBlock && isSentence(text, OPEN.length);
      this.state = mayBeText ? 'unsure' : 'thinking';
      this.held = text.slice(OPEN.length);
      this.hadBlock = true;
      return true;
    }
    // This may still become a tag.
    if (OPEN.startsWith(text) || (CLOSE.startsWith(text) && !this.hadBlock)) return false;
    // The prompt has opened a block, and the model closes it at once.
    if (text.startsWith(CLOSE) && !this.hadBlock) {
      if (text.length < CLOSE.length + 2) return false;
      if (!isSentence(text, CLOSE.length)) {
        this.state = 'closed';
        this.held = text.slice(CLOSE.length);
        return true;
      }
    }
    if (!this.hadBlock) this.held = this.space + text;
    this.state = 'answer';
    return false;
  }

  /** Waits for the end of a block that the prompt opened. The text may speak of the tag, too. */
  private wait(): boolean {
    if (OPEN.startsWith(this.held.slice(skipSpace(this.held, 0)).slice(0, OPEN.length))) {
      if (this.held.trimStart().length < OPEN.length) return false;
      this.state = 'before';
      return true;
    }
    const last = this.held.lastIndexOf(CLOSE);
    // Two more characters tell whether a sentence goes on after the tag.
    if (last < 0 || this.held.length < last + CLOSE.length + 2) return false;
    const { content, reasoning } = splitAtClosingTag(this.held);
    if (reasoning === '' || content === '') return false;
    this.held = content;
    this.state = 'answer';
    return false;
  }

  /** Drops the space between a block and the answer. */
  private skip(): void {
    this.held = this.held.slice(skipSpace(this.held, 0));
    if (this.held !== '') this.state = 'answer';
  }

  private think(): boolean {
    const end = this.held.indexOf(CLOSE);
    if (end < 0) {
      // The last letters may be the beginning of the closing tag.
      this.held = this.held.slice(Math.max(0, this.held.length - CLOSE.length + 1));
      return false;
    }
    this.held = this.held.slice(end + CLOSE.length);
    this.state = 'before';
    return true;
  }
}

/** Where the first block of a text ends, or -1. @param inside where it starts, after its tag */
function endOfFirst(text: string, inside: number): number {
  if (!isSentence(text, inside)) return text.indexOf(CLOSE, inside);
  const ends = tagsIn(text).filter(({ isClosing, isMention }) => isClosing && !isMention);
  return ends.find(({ at }) => at >= inside)?.at ?? -1;
}

/** For a text without an opening tag at its start. */
function splitAtClosingTag(text: string): SplitText {
  const whole = { content: text, reasoning: '' };
  if (!text.includes(CLOSE)) return whole;
  let open = 0;
  for (const { at, isClosing, isMention } of tagsIn(text)) {
    if (!isClosing) {
      if (!isMention) open++;
      continue;
    }
    // It closes a block inside the text.
    if (open > 0) open--;
    else if (!isMention) return partedAt(text, at) ?? whole;
  }
  return whole;
}
/** @returns nothing if the text is JSON as a whole */
function partedAt(text: string, at: number): SplitText | undefined {
  if (/^\s*[{[]/.test(text) && tryParse(text)) return undefined;
  const answer = text.slice(skipSpace(text, at + CLOSE.length));
  return { content: answer, reasoning: text.slice(0, at) };
}

interface Tag {
  at: number;
  isClosing: boolean;
  /** Whether the text only speaks of it. */
  isMention: boolean;
}

/** The tags of a text. Each character is looked at a few times at most. */
function tagsIn(text: string): Tag[] {
  const tags: Tag[] = [];
  const start = skipSpace(text, 0);
  let lineStart = 0;
  let isFenced = false;
  let isInCode = false;
  let codeEnd = 0;
  for (const { 0: piece, index: at } of text.matchAll(/<\/?think>|`+|\n/g)) {
    if (piece === '\n') {
      lineStart = at + 1;
      isInCode = false;
    } else if (piece.startsWith('`')) {
      const isFence = piece.length >= 3 && lastLetter(text, lineStart, at) === undefined;
      if (isFence) isFenced = !isFenced;
      else isInCode = !isInCode;
    } else {
      // A single mark is no code. Its partner must come in the same line.
      if (isInCode && codeEnd <= at) codeEnd = next(text, /[`\n]/g, at);
      const isCode = isFenced || (isInCode && text[codeEnd] === '`');
      const place = { at, end: at + piece.length, lineStart, isFirst: at === start };
      const isMention = isCode || isMentioned(text, place);
      tags.push({ at, isClosing: piece === CLOSE, isMention });
    }
  }
  return tags;
}

const QUOTES = ['""', "''", '“”', '‘’', '«»', '„“', '「」', '()', '[]', '**', '__'];

interface Place {
  /** Where the tag starts and ends. */
  at: number;
  end: number;
  /** Where its line starts. */
  lineStart: number;
  /** Whether the text begins with it. */
  isFirst: boolean;
}

/** Whether a tag stands in quotes or brackets, or is a word of a sentence. */
function isMentioned(text: string, { at, end, lineStart, isFirst }: Place): boolean {
  if (QUOTES.includes(`${text[at - 1]}${text[end]}`)) return true;
  const last = lastLetter(text, lineStart, at);
  if (last === undefined) return isFirst && isSentence(text, end);
  if (/^[,;:.!?)](\s|$)/.test(text.slice(end, end + 2))) return true;
  return /\s/.test(text[at - 1] ?? '') && !/[.!?…:。！？]/.test(last) && isSentence(text, end);
}

/** Whether a sentence goes on after a tag that ends here: ` is the tag that …`, `, which …`. */
function isSentence(text: string, end: number): boolean {
  const [first = '', second = ''] = text.slice(end, end + 2);
  if (/[,;:.!?)]/.test(first)) return second === '' || /\s/.test(second);
  // Letters of scripts without capitals count as small ones.
  return (first === ' ' || first === '\t') && /[\p{Ll}\p{Lo}]/u.test(second);
}

/** The last character of a line in front of a place, apart from blanks. */
function lastLetter(text: string, lineStart: number, at: number): string | undefined {
  let place = at - 1;
  while (place >= lineStart && (text[place] === ' ' || text[place] === '\t')) place--;
  return place < lineStart ? undefined : text[place];
}

/** The first place from here on that is no white space. */
function skipSpace(text: string, from: number): number {
  return next(text, /\S/g, from);
}

/** Where a pattern is found next, or the end of the text. */
function next(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

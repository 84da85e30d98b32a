import { readJson, type JsonReading } from '../payload/readJson';

const FENCE = '```';

/** What had to be changed in JSON that was read, as in the notes of a run. */
export type Changes = Pick<JsonReading, 'bigNumbers' | 'notFinite'>;

/**
 * Parses JSON as servers and models write it: with `NaN`, which becomes null, and with numbers that
 * JavaScript can't hold, which become text.
 * @param changes counts what had to be changed
 * @returns its value in an object, or nothing if the text is not JSON
 */
export function tryParse(text: string, changes?: Changes): { value: unknown } | undefined {
  try {
    const { value, bigNumbers, notFinite } = readJson(text);
    if (changes) {
      changes.bigNumbers += bigNumbers;
      changes.notFinite += notFinite;
    }
    return { value };
  } catch {
    return undefined;
  }
}

/** Notes what had to be changed in one response. */
export function note(notes: Changes | undefined, { bigNumbers, notFinite }: Changes): void {
  if (notes && bigNumbers > 0) notes.bigNumbers++;
  if (notes && notFinite > 0) notes.notFinite++;
}

/**
 * Finds the JSON of an answer. Models without a JSON mode often put it into a code block of
 * Markdown, with prose around it, on one line, or without the end of the block. Of several blocks
 * the one that is JSON counts, if there is only one.
 * @returns the value in an object, or nothing if the answer has no JSON
 */
export function findJson(answer: string): { value: unknown } | undefined {
  const text = answer.trim();
  const whole = tryParse(text);
  if (whole) return whole;
  const first = text.indexOf(FENCE);
  if (first < 0) return undefined;
  const last = text.lastIndexOf(FENCE);
  // A text inside the JSON may have code blocks of its own.
  const outer = parseBlock(text.slice(first + FENCE.length, last > first ? last : undefined));
  if (outer) return outer;
  const inner = text.split(FENCE).filter((_, index) => index % 2 === 1);
  const found = inner.map(parseBlock).filter((block) => block !== undefined);
  return found.length === 1 ? found[0] : undefined;
}

/** Parses the inside of a code block, whose language may stand in front. */
function parseBlock(block: string): { value: unknown } | undefined {
  if (block.trim() === '') return undefined;
  const language = /^[A-Za-z0-9_+.-]*/.exec(block)?.[0].length ?? 0;
  const inside = block.slice(language);
  if (inside.trim() === '') return tryParse(block);
  return tryParse(inside) ?? (language > 0 ? tryParse(block) : undefined);
}

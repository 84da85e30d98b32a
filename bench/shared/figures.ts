import { markdownTable } from 'markdown-table';

/** Returns a Markdown table. Every row has as many cells as the head. */
export const table = (head: string[], body: string[][]) => markdownTable([head, ...body]);

/** Returns a ratio like `3.4×`, or a dash if there is no figure. */
export const times = (ratio: number) =>
  Number.isFinite(ratio) ? `${ratio.toFixed(ratio < 10 ? 1 : 0)}×` : '–';

/**
 * Returns a number without decimals, or one or two if it is small. A dash if there is no figure.
 */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0);
}

/** Returns a whole number with a comma at the thousands. */
export const thousands = (value: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** Returns numbers of rounds without repetition, like `4 to 5`. */
export const roundCounts = (counts: number[]) =>
  [...new Set(counts)].sort((a, b) => a - b).join(' to ');

/** Returns the sentence about what was left out, or nothing if all was measured. */
export const skippedLines = (skipped: string[]) =>
  skipped.length > 0 ? [`Not measured, for lack of time: ${skipped.join('; ')}.`] : [];

/** Returns the middle value. Of an even number of values it is the mean of two, of none NaN. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [below = NaN, at = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 ? at : (below + at) / 2;
}

/** A table; every row has as many cells as the head. */
export function table(head: string[], body: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

/** `3.4×`, or a dash for what there is no figure of. */
export const times = (ratio: number) =>
  Number.isFinite(ratio) ? `${ratio.toFixed(ratio < 10 ? 1 : 0)}×` : '–';

/** A number without decimals; small ones keep one or two. A dash for none. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0);
}

/** A whole number with a comma at the thousands. */
export const thousands = (value: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: 0 });

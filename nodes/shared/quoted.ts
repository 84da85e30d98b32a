/** The most characters that are shown of a value. */
const LONGEST = 200;

/**
 * A value as a message or a line of the log can show it: its beginning, on one line, and a text in
 * quotes.
 * @param value of any kind; of one that can't be written as JSON, only its kind is shown
 */
export function quoted(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
  const text = written(value) ?? (value === undefined ? 'nothing' : `a ${typeof value}`);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

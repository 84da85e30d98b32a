import { BasetenError } from './errors/basetenError';

/** HTTP statuses with which servers refuse a text that is longer than their model takes. */
const STATUSES = [400, 413, 422];
/** How servers say so. */
const TOO_LONG = /\btokens\b|too long|(context|sequence|input) length/i;

/** A text that a request was refused with. */
interface Refused {
  text: string;
  /** Which one it is, as the beginning of a sentence: `Text 3`. */
  label: string;
  /** What was called, for messages. */
  subject: string;
  /** Whether the operation has the option Truncate. */
  truncates?: boolean;
}

/**
 * Says of a refusal that is due to the length of a text which text it was, and how long it is.
 * @param error what the request threw that had this text alone
 * @returns the error to throw; the same one if it is about something else
 */
export function withTextLength(
  error: unknown,
  { text, label, subject, truncates }: Refused,
): unknown {
  const isTooLong =
    error instanceof BasetenError &&
    STATUSES.includes(error.status ?? 0) &&
    TOO_LONG.test(error.detail ?? '');
  if (!isTooLong) return error;
  const length = [...text].length.toLocaleString('en-US');
  return new BasetenError(`${label} is too long for ${subject}: it has ${length} characters`, {
    ...error,
    hint: `Split the text into shorter ones${truncates ? ', or turn on Truncate in the options' : ''}. The answer says how long a text may be.`,
  });
}

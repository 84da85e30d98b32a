import { UserInputError } from './errors/userInputError';
import { isBlank } from './json';
import { quoted } from './quoted';

/**
 * Checks what a field that offers some values was set to. An expression in it may give anything.
 * @param field its name on screen, and what it can be, in the order of the form
 * @throws {UserInputError} if it is none of its values
 */
export function toChoice<Value extends string>(
  value: unknown,
  { label, values }: { label: string; values: readonly Value[] },
): Value {
  const chosen = values.find((candidate) => candidate === value);
  if (chosen !== undefined) return chosen;
  // Taken for something else it would call another place, or lose a result.
  throw new UserInputError(
    `${label} can't be ${isBlank(value) ? 'empty' : quoted(value)}`,
    `Its values are ${listed(values)}. If it comes from an expression, ` +
      'check that the expression gives one of them for this item.',
  );
}

/** `"a", "b" and "c"` */
function listed(values: readonly string[]): string {
  const quotes = values.map((value) => `"${value}"`);
  return quotes.length < 2
    ? quotes.join('')
    : `${quotes.slice(0, -1).join(', ')} and ${quotes.slice(-1).join('')}`;
}

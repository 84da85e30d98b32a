import { UserInputError } from '../errors/userInputError';
import { isBlank } from '../json';
import type { ParameterContext } from './locators';
import type { Options } from './options';

/** A field that offers some values. An expression in it may give anything. */
export interface Choice<Value extends string> {
  /** Its name among the parameters, or in the collection of options. */
  name: string;
  /** Its name on screen, for messages. */
  label: string;
  /** What it can be, in the order of the form. */
  values: readonly Value[];
}

/**
 * Reads a parameter that offers some values.
 * @param choice the parameter, and its value if the workflow was saved without it
 * @param itemIndex position of the item in the input
 * @throws {UserInputError} if it is none of its values
 */
export function readChoice<Value extends string>(
  context: ParameterContext,
  choice: Choice<Value> & { fallback: Value },
  itemIndex: number,
): Value {
  return toChoice(context.getNodeParameter(choice.name, itemIndex, choice.fallback), choice);
}

/**
 * Reads an option that offers some values.
 * @returns its value; nothing if it is not set, or empty
 * @throws {UserInputError} if it is none of its values
 */
export function readChoiceOption<Value extends string>(
  options: Options,
  choice: Choice<Value>,
): Value | undefined {
  const value = options[choice.name];
  return isBlank(value) ? undefined : toChoice(value, choice);
}

/**
 * Checks what a field that offers some values was set to.
 * @throws {UserInputError} if it is none of its values
 */
export function toChoice<Value extends string>(
  value: unknown,
  { label, values }: Pick<Choice<Value>, 'label' | 'values'>,
): Value {
  const chosen = values.find((candidate) => candidate === value);
  if (chosen !== undefined) return chosen;
  // Taken for something else it would call another place, or lose a result.
  throw new UserInputError(
    `${label} can't be ${isBlank(value) ? 'empty' : shown(value)}`,
    `Its values are ${listed(values)}. If it comes from an expression, ` +
      'check that the expression gives one of them for this item.',
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? `a ${typeof value}`;
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}

/** `"a", "b" and "c"` */
function listed(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  return quoted.length < 2
    ? quoted.join('')
    : `${quoted.slice(0, -1).join(', ')} and ${quoted.slice(-1).join('')}`;
}

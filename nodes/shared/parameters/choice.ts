import { toChoice } from '../choice';
import { isBlank } from '../json';
import type { Options } from './options';
import { readParameter, type ParameterContext } from './parameter';

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
  return toChoice(readParameter(context, choice.name, itemIndex, choice.fallback), choice);
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

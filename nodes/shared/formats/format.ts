// Decisions: docs/decisions.md, "Speech and images have one shape".

import { isRecord } from '../json';

/** The example that a model's deployment gives of its input. */
export type Example = Record<string, unknown>;

/** How the models of some templates take requests: an entry of a table. */
export interface Format {
  /** Name that workflows are saved with. */
  value: string;
  /** Name on screen. */
  name: string;
  /** What the form says about it. */
  description: string;
  /** Whether a model that gives this example takes this format. */
  fits(example: Example): boolean;
  /**
   * The field of a request that all others lie in. What the user adds goes in there, too, unless it
   * names this field itself.
   */
  root?: string;
  /** Path on the model's own server; predict if there is none. */
  route?: string;
}

/**
 * What a model answered: data or a text, or a file. An async result has data alone, in which files
 * are base64.
 */
export type Answer = { json: unknown } | { content: Buffer; type: string };

/** For each value, the names that models have for it. The first one is used if nothing is known. */
export type FieldNames<Value extends string> = Record<Value, readonly string[]>;

/**
 * Makes the fields of a request.
 * @param values what is asked for; what is not set is not sent
 * @param names what models call it
 * @param example a model's own example, which shows what this one calls it, and of which type it is
 */
export function namedFields<Value extends string>(
  values: Partial<Record<Value, string | number>>,
  names: FieldNames<Value>,
  example: Example = {},
): Record<string, unknown> {
  const set = (Object.keys(names) as Value[]).flatMap((each) => {
    const value = values[each];
    if (value === undefined) return [];
    const name = names[each].find((known) => Object.hasOwn(example, known)) ?? names[each][0];
    return name === undefined ? [] : [[name, likeExample(value, example[name])]];
  });
  return Object.fromEntries(set) as Record<string, unknown>;
}

/**
 * Puts what the user adds into a request. Objects are joined, and anything else takes the place of
 * what was there.
 * @param extra fields that the format does not know, or knows better
 */
export function withExtra(
  request: Record<string, unknown>,
  extra: Record<string, unknown>,
  root?: string,
): Record<string, unknown> {
  const isInside =
    root !== undefined && !Object.hasOwn(extra, root) && Object.keys(extra).length > 0;
  return joined(request, isInside ? { [root]: extra } : extra);
}

/** A number that was entered as text is a number if the example has one. */
function likeExample(value: string | number, example: unknown): string | number {
  const isNumber = typeof example === 'number' && typeof value === 'string';
  return isNumber && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
}

function joined(
  one: Record<string, unknown>,
  other: Record<string, unknown>,
): Record<string, unknown> {
  const result = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = Object.hasOwn(result, name) ? result[name] : undefined;
    result[name] = isRecord(before) && isRecord(value) ? joined(before, value) : value;
  }
  return result;
}

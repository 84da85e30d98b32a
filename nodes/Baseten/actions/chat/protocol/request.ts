import { isRecord } from '../../../../shared/json';
import { UserInputError } from '../../../../shared/errors/userInputError';

/** Name of a schema that has none; the API demands one. */
const DEFAULT_SCHEMA_NAME = 'answer';

/**
 * Makes a `response_format` of a JSON schema.
 * @param schema a bare JSON schema, a named one (`{name, schema}`), or the whole `response_format`
 */
export function jsonSchemaFormat(schema: Record<string, unknown>): Record<string, unknown> {
  const inner =
    schema.type === 'json_schema' && isRecord(schema.json_schema) ? schema.json_schema : schema;
  const named = isRecord(inner.schema) && (inner !== schema || typeof inner.name === 'string');
  const wrapper = named ? inner : { schema: inner };
  return {
    type: 'json_schema',
    json_schema: { name: named ? DEFAULT_SCHEMA_NAME : nameFor(inner), strict: true, ...wrapper },
  };
}

/**
 * Makes `tools` of what the user wrote: a list or one tool, each whole or only its function.
 * @throws {UserInputError} where one is no tool
 */
export function toTools(json: unknown): Array<Record<string, unknown>> {
  return (Array.isArray(json) ? json : [json]).map((tool: unknown, index) => {
    const whole = isRecord(tool) && isRecord(tool.function) ? tool : { function: tool };
    if (isRecord(whole.function) && typeof whole.function.name === 'string')
      return { type: 'function', ...whole };
    throw new UserInputError(
      `Tool ${index + 1} of Tools has no name`,
      'Give each as {"type": "function", "function": {"name": …, "description": …, "parameters": {…}}}.',
    );
  });
}

/** `auto`, `none` and `required` as they are; anything else is the name of a function that must be called. */
export function toToolChoice(choice: string): unknown {
  if (['auto', 'none', 'required'].includes(choice)) return choice;
  return { type: 'function', function: { name: choice } };
}

/** Stop sequences of a comma-separated text, or of a list, which may hold commas, spaces and line breaks. */
export function toStop(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String).filter((text) => text !== '');
  return String(value)
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

/**
 * Splits names of binary fields and addresses of images. A comma inside an address belongs to it, unless a space or
 * another address follows.
 */
export function toImageNames(value: unknown): string[] {
  if (Array.isArray(value))
    return value.map((name) => String(name).trim()).filter((name) => name !== '');
  const isAddress = /^(https?:|data:)/i;
  const names: string[] = [];
  let joins = false;
  for (const piece of String(value ?? '').split(',')) {
    if (joins && /^\S/.test(piece) && !isAddress.test(piece))
      names.push(`${names.pop()},${piece.trimEnd()}`);
    else if (piece.trim() !== '') names.push(piece.trim());
    joins = isAddress.test(names.at(-1) ?? '') && piece.trim() !== '';
  }
  return names;
}

/** Schema names take letters, digits, dashes and underscores. */
function nameFor(schema: Record<string, unknown>): string {
  const title = typeof schema.title === 'string' ? schema.title : '';
  return (
    title
      .replace(/[^A-Za-z0-9_-]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 64) || DEFAULT_SCHEMA_NAME
  );
}

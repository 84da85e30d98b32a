import { isRecord } from '../../../../shared/json';
import { UserInputError } from '../../../../shared/errors/userInputError';

/** Name of a schema that does not have one. The API requires a name. */
const DEFAULT_SCHEMA_NAME = 'answer';

/**
 * Makes the `response_format` of a request from a JSON schema.
 * @param schema a JSON schema alone, one with its name (`{name, schema}`), or a whole
 * `response_format`
 * @see https://docs.baseten.co/inference/model-apis/overview
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
 * Makes the `tools` of a request.
 * @param json one tool or a list, as the user wrote it; a tool may be whole or its function alone
 * @throws {UserInputError} if an entry is not a tool
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function toTools(json: unknown): Array<Record<string, unknown>> {
  return (Array.isArray(json) ? json : [json]).map((tool: unknown, index) => {
    const whole = isRecord(tool) && isRecord(tool.function) ? tool : { function: tool };
    if (isRecord(whole.function) && typeof whole.function.name === 'string')
      return { type: 'function', ...whole };
    throw new UserInputError(
      `Tool ${index + 1} of Tools has no name`,
      'Write each tool as ' +
        '{"type": "function", "function": {"name": …, "description": …, "parameters": {…}}}.',
    );
  });
}

/**
 * Makes the `tool_choice` of a request.
 * @param choice `auto`, `none`, `required`, or the name of a function that the model must call
 */
export function toToolChoice(choice: string): unknown {
  if (['auto', 'none', 'required'].includes(choice)) return choice;
  return { type: 'function', function: { name: choice } };
}

/**
 * Reads stop sequences.
 * @param value a comma-separated text; or a list, whose entries may contain commas, spaces and line
 * breaks
 */
export function toStop(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String).filter((text) => text !== '');
  return String(value)
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

/**
 * Reads names of binary fields and addresses of images.
 * @param value a list, or a comma-separated text; a comma inside an address belongs to the address,
 * unless a space or another address follows it
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

/** Makes a schema's name from its title. The API allows letters, digits, dashes and underscores. */
function nameFor(schema: Record<string, unknown>): string {
  const title = typeof schema.title === 'string' ? schema.title : '';
  return (
    title
      .replace(/[^A-Za-z0-9_-]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 64) || DEFAULT_SCHEMA_NAME
  );
}

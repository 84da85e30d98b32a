import { isRecord } from '../json';
import { UserInputError } from '../errors/userInputError';
import { tryParse } from './json';

/** Name of a schema that does not have one. The API requires a name. */
const DEFAULT_SCHEMA_NAME = 'answer';

/** Most characters of a schema's name. */
const LONGEST_NAME = 64;
/** How an address of a file begins. */
const ADDRESS = /^(https?:|data:)/i;
/** Fields that only a JSON schema has, and what is wrapped around one has not. */
const SCHEMA_WORDS = ['properties', 'items', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];
/** Fields that may stand beside a schema, besides its name. */
const BESIDE = ['description', 'strict'];

/**
 * Makes the `response_format` of a request from a JSON schema.
 * @param given a JSON schema alone, one with its name (`{name, schema}`), or a whole
 * `response_format`; what is wrapped around it may be there twice
 * @throws {UserInputError} if there is no schema in it
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function jsonSchemaFormat(given: Record<string, unknown>): Record<string, unknown> {
  let schema = given;
  let name = '';
  const beside: Record<string, unknown> = {};
  for (let inner = wrappedIn(schema); inner; inner = wrappedIn(schema)) {
    if (typeof schema.name === 'string' && schema.name.trim() !== '') name = schema.name;
    for (const field of BESIDE) if (field in schema) beside[field] = schema[field];
    schema = inner;
  }
  if (isMissing(schema)) {
    throw new UserInputError(
      'JSON Schema has no schema in it',
      'Write the schema itself, such as {"type": "object", "properties": {…}}, ' +
        'or {"name": …, "schema": {…}}.',
    );
  }
  const allowed = allowedName(name) || allowedName(schema.title) || DEFAULT_SCHEMA_NAME;
  return { type: 'json_schema', json_schema: { name: allowed, strict: true, ...beside, schema } };
}

/** What something is wrapped around: a schema, or something around it. */
function wrappedIn(value: Record<string, unknown>): Record<string, unknown> | undefined {
  if (SCHEMA_WORDS.some((word) => word in value)) return undefined;
  const inner = [value.json_schema, value.response_format, value.schema].find(isRecord);
  const isType = typeof value.type === 'string' && value.type !== 'json_schema';
  return isType ? undefined : inner;
}

/** Whether only what should be around a schema is there. */
function isMissing(value: Record<string, unknown>): boolean {
  if (SCHEMA_WORDS.some((word) => word in value)) return false;
  const isEmptied = ['json_schema', 'schema', 'name', 'strict'].some((word) => word in value);
  return value.type === 'json_schema' || (isEmptied && value.type === undefined);
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
 * @param choice `auto`, `none`, `required`, or the name of a function that the model must call; or
 * the same as the API has it, as an object or as JSON text
 * @throws {UserInputError} if an object names no function
 */
export function toToolChoice(choice: unknown): unknown {
  const given = typeof choice === 'string' ? (parseObject(choice) ?? choice.trim()) : choice;
  if (typeof given === 'string') {
    if (['auto', 'none', 'required'].includes(given)) return given;
    return { type: 'function', function: { name: given } };
  }
  if (isRecord(given)) {
    const called = isRecord(given.function) ? given.function : given;
    const isOther = typeof given.type === 'string' && given.type !== 'function';
    // A server of one's own may know other types, such as `allowed_tools`.
    if (isOther) return given;
    if (typeof called.name === 'string' && called.name !== '')
      return { type: 'function', function: { name: called.name } };
  }
  throw new UserInputError(
    'Tool Choice names no function',
    'Give auto, none, required, the name of a function, ' +
      'or {"type": "function", "function": {"name": …}}.',
  );
}

/** @returns the object that a text is, in JSON */
function parseObject(text: string): Record<string, unknown> | undefined {
  const value = text.trim().startsWith('{') ? tryParse(text)?.value : undefined;
  return isRecord(value) ? value : undefined;
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
 * Reads names of binary fields and addresses of files.
 * @param value a list, or a comma-separated text; a comma inside an address belongs to the address,
 * unless a space, another address or the name of a field follows it
 * @param fields the binary fields of the item
 */
export function toFileNames(value: unknown, fields: string[]): string[] {
  if (Array.isArray(value))
    return value.map((name) => String(name).trim()).filter((name) => name !== '');
  const names: string[][] = [];
  // What is read now: an address, and whether it still needs the comma in front of its data.
  let isAddress = false;
  let needsComma = false;
  for (const piece of String(value ?? '').split(',')) {
    const isNext = !/^\S/.test(piece) || ADDRESS.test(piece) || fields.includes(piece.trim());
    if (isAddress && (needsComma || !isNext)) {
      names.at(-1)?.push(piece);
      needsComma = false;
    } else if (piece.trim() === '') isAddress = false;
    else {
      names.push([piece]);
      isAddress = ADDRESS.test(piece.trim());
      needsComma = /^data:/i.test(piece.trim());
    }
  }
  return names.map((pieces) => pieces.join(',').trim());
}

/** @returns how many characters of text messages have; files and tools are not counted */
export function charactersOf(messages: readonly unknown[]): number {
  const contents = messages.map((message) => (isRecord(message) ? message.content : undefined));
  return contents
    .flatMap((content) => (Array.isArray(content) ? (content as unknown[]) : [content]))
    .map((part) => (isRecord(part) ? part.text : part))
    .reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
}

/** A name as the API allows it: of letters, digits, dashes and underscores. */
function allowedName(text: unknown): string {
  if (typeof text !== 'string') return '';
  const name = text.slice(0, 10 * LONGEST_NAME).replace(/[^A-Za-z0-9_-]+/g, '_');
  let start = 0;
  while (name[start] === '_') start++;
  let end = Math.min(name.length, start + LONGEST_NAME);
  while (end > start && name[end - 1] === '_') end--;
  return name.slice(start, end);
}

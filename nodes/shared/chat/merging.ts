import { isRecord } from '../json';

/** Fields that say what something is. They may be repeated, and are never put together. */
const FIXED = new Set(['id', 'type', 'name', 'role', 'format', 'index', 'object', 'signature']);
/** Fields of a part that come in pieces. */
const PIECES = ['text', 'thinking', 'reasoning', 'summary', 'content', 'refusal'];

type Fields = Record<string, unknown>;

/**
 * Adds a field of a delta to the same field of what came before: text is appended, lists are
 * joined, objects are put together field by field, other values are replaced.
 * @param target what came before; it is changed
 */
export function addField(target: Fields, name: string, value: unknown, depth = 0): void {
  // A null says nothing. The other would change what the object is.
  if (value === undefined || value === null || name === '__proto__') return;
  const before = target[name];
  if (typeof value === 'string' && typeof before === 'string' && !FIXED.has(name))
    target[name] = before + value;
  else if (Array.isArray(value)) target[name] = addParts(before, value);
  else if (isRecord(value)) target[name] = merged(before, value, depth);
  else if (value !== '' || before === undefined || before === null) target[name] = value;
}

/**
 * Adds a part to a list of parts. A piece of the part that came last is put together with it.
 * @param list what came before; it is changed
 */
export function addPart(list: unknown[], part: unknown): void {
  const last = list.at(-1);
  if (!isRecord(part) || !isRecord(last) || !isSamePart(last, part)) {
    list.push(part);
    return;
  }
  for (const [name, value] of Object.entries(part)) addField(last, name, value, 1);
}

/** Whether a part goes on where the last one stopped. */
function isSamePart(last: Fields, part: Fields): boolean {
  if (last.type !== part.type || last.index !== part.index || last.id !== part.id) return false;
  return PIECES.some(
    (name) =>
      (typeof last[name] === 'string' && typeof part[name] === 'string') ||
      (Array.isArray(last[name]) && Array.isArray(part[name])),
  );
}

function addParts(before: unknown, parts: unknown[]): unknown[] {
  const list = Array.isArray(before)
    ? (before as unknown[])
    : typeof before === 'string' && before !== ''
      ? [{ type: 'text', text: before }]
      : [];
  for (const part of parts) addPart(list, part);
  return list;
}

function merged(before: unknown, value: Fields, depth: number): unknown {
  if (!isRecord(before) || depth > 4) return value;
  for (const [name, each] of Object.entries(value)) addField(before, name, each, depth + 1);
  return before;
}

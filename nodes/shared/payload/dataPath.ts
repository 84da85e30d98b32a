import { UserInputError } from '../errors/userInputError';
import type { Container, Place } from './places';

/** Names that would reach into JavaScript's own objects instead of the data. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** A value and the dotted path that it goes to: field names and positions in lists. */
export interface Placed {
  path: string;
  value: unknown;
}

/**
 * Puts values at dotted paths: `image.data` makes `{image: {data: value}}`. Numbers are positions
 * if there is a list, or if what is made has all numbers from 0 on; otherwise they are names.
 * A dot that belongs to a name is written `\.`.
 * @param start the object to begin with. Neither it nor a value is changed: what a path leads
 * through is copied.
 * @param placed the values; a later one may go into an earlier one
 * @throws {UserInputError} if a path is empty or unsafe, leads through a value without fields, or
 * would replace what another one has put there
 */
export function withValues(
  start: Record<string, unknown>,
  placed: Placed[],
): Record<string, unknown> {
  const root = { ...start };
  const builder: Builder = { own: new WeakSet([root]), made: [] };
  const taken: Taken = { inside: new Map() };
  for (const { path, value } of placed) {
    const steps = toSteps(path);
    take(taken, steps, path);
    put(builder, root, { steps, path, value });
  }
  // What was made last lies deepest.
  for (const { holder, step, container } of builder.made.reverse()) {
    const names = Object.keys(container);
    if (names.every((name, index) => name === String(index)))
      (holder as Record<string, unknown>)[step] = Object.values(container);
  }
  return root;
}

/**
 * Finds where the value at a dotted path stands.
 * @param target the data
 * @param path field names and positions with dots between them
 * @param above where the data itself stands, if it is part of other data
 * @returns nothing if there is no value, or it is null
 * @throws {UserInputError} if the path is empty or unsafe
 */
export function placeAt(target: unknown, path: string, above?: Place): Place | undefined {
  let place = above;
  let value = target;
  for (const step of toSteps(path)) {
    if (!isContainer(value)) return undefined;
    const next = valueAt(value, step);
    place = { holder: value, key: Array.isArray(value) ? Number(step) : step, above: place };
    value = next;
  }
  return value === undefined || value === null ? undefined : place;
}

/**
 * The value at a dotted path.
 * @returns `undefined` if there is none or it is null
 * @throws {UserInputError} if the path is empty or unsafe
 */
export function readAt(target: unknown, path: string): unknown {
  return toSteps(path).reduce(valueAt, target) ?? undefined;
}

/** Whether data with this name would reach into JavaScript's own objects. */
export function isUnsafeName(name: string): boolean {
  return FORBIDDEN.has(name);
}

/** What has been built so far. */
interface Builder {
  /** The containers that belong to the result, and may be changed. */
  own: WeakSet<object>;
  /** The containers that paths called for, and where they are. */
  made: Array<{ holder: Container; step: string; container: Record<string, unknown> }>;
}

/** Where values were put: a tree of steps. */
interface Taken {
  inside: Map<string, Taken>;
  isValue?: boolean;
}

function take(tree: Taken, steps: string[], path: string): void {
  let at = tree;
  for (const step of steps) {
    const next: Taken = at.inside.get(step) ?? { inside: new Map() };
    at.inside.set(step, next);
    at = next;
  }
  if (at.isValue || at.inside.size > 0) {
    throw new UserInputError(
      at.isValue
        ? `The path ${JSON.stringify(path)} is given twice`
        : `The path ${JSON.stringify(path)} would replace the fields inside it`,
      at.isValue
        ? 'Remove one of them, or write positions for a list, such as inputs.0 and inputs.1.'
        : 'Put it before the fields that go into it.',
    );
  }
  at.isValue = true;
}

function put(
  { own, made }: Builder,
  root: Record<string, unknown>,
  { steps, path, value }: Placed & { steps: string[] },
): void {
  let at: Container = root;
  for (const step of steps.slice(0, -1)) {
    const existing: unknown = valueAt(at, step);
    let next: Container;
    if (existing === undefined || existing === null) {
      next = {};
      made.push({ holder: at, step, container: next });
    } else if (isContainer(existing)) {
      next = own.has(existing)
        ? existing
        : Array.isArray(existing)
          ? [...existing]
          : { ...existing };
    } else {
      throw new UserInputError(
        `The path ${JSON.stringify(path)} goes through "${step}", which already holds a value`,
        'Choose another path: every name before the last one must hold an object, or nothing yet.',
      );
    }
    own.add(next);
    write(at, step, next, path);
    at = next;
  }
  write(at, steps.at(-1) as string, value, path);
}

/** Splits at dots. A backslash takes its meaning from a dot, or from another backslash. */
function toSteps(path: unknown): string[] {
  const isText = typeof path === 'string' || typeof path === 'number';
  const steps = [''];
  for (const [piece] of (isText ? String(path) : '').matchAll(/\\[\\.]|\.|[^\\.]+|\\/g)) {
    if (piece === '.') steps.push('');
    else steps[steps.length - 1] += /^\\./.test(piece) ? piece.slice(1) : piece;
  }
  steps.forEach((step, index) => (steps[index] = step.trim()));
  if (steps.some((step) => step === '' || FORBIDDEN.has(step))) {
    throw new UserInputError(
      `${isText ? JSON.stringify(String(path)) : 'What is not a text'} can't be used as a path`,
      'Write field names with dots between them, such as image or data.0.b64_json.',
    );
  }
  return steps;
}

function valueAt(at: unknown, step: string): unknown {
  if (!isContainer(at)) return undefined;
  if (Array.isArray(at)) return isPosition(step) ? at[Number(step)] : undefined;
  return Object.hasOwn(at, step) ? at[step] : undefined;
}

function write(at: Container, step: string, value: unknown, path: string): void {
  if (!Array.isArray(at)) {
    at[step] = value;
  } else if (isPosition(step) && Number(step) <= at.length) {
    at[Number(step)] = value;
  } else {
    throw new UserInputError(
      `The path ${JSON.stringify(path)} names "${step}" in a list of ${at.length}`,
      'Give the position of an element, counted from 0, or the next free position.',
    );
  }
}

/** Stricter than `Number`, which also takes `1e0`, `0x1`, `01` and `-0`. */
function isPosition(step: string): boolean {
  return /^(0|[1-9]\d*)$/.test(step);
}

/** Something that writes itself as JSON, such as a date, is a value without fields. */
function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null && !('toJSON' in value);
}

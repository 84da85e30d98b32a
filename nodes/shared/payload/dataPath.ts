import { UserInputError } from '../errors/userInputError';

type Container = Record<string, unknown> | unknown[];

/** Names that would reach into JavaScript's own objects instead of the data. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Puts a value at a dotted path, and makes the objects on the way to it: `image.data` becomes
 * `{image: {data: value}}`. A number is the position in a list, if there is a list already.
 * @param target the object to change
 * @param path field names and positions with dots between them
 * @param value what to put there
 * @throws {UserInputError} if the path is empty or unsafe, or leads through a value without fields
 */
export function setAt(target: Record<string, unknown>, path: string, value: unknown): void {
  const steps = toSteps(path);
  const last = steps.pop() as string;
  let at: Container = target;
  for (const step of steps) {
    const existing = read(at, step);
    if (existing === undefined || existing === null) {
      const made: Container = {};
      write(at, step, made, path);
      at = made;
    } else if (isContainer(existing)) {
      at = existing;
    } else {
      throw new UserInputError(
        `The path ${JSON.stringify(path)} goes through "${step}", which already holds a value`,
        'Choose another path: every name before the last one must hold an object, or nothing yet.',
      );
    }
  }
  write(at, last, value, path);
}

/**
 * Takes the value at a dotted path out of the data. This removes its field; in a list, null takes
 * its place.
 * @param target the data to change
 * @param path field names and positions with dots between them
 * @returns the value, or `undefined` if there is none or it is null
 * @throws {UserInputError} if the path is empty or unsafe
 */
export function takeAt(target: unknown, path: string): unknown {
  const steps = toSteps(path);
  const last = steps.pop() as string;
  let at: unknown = target;
  for (const step of steps) {
    if (!isContainer(at)) return undefined;
    at = read(at, step);
  }
  if (!isContainer(at)) return undefined;
  const value = read(at, last);
  if (value === undefined || value === null) return undefined;
  // Removing an element of a list would move those after it, and other paths count on their places.
  if (Array.isArray(at)) at[Number(last)] = null;
  else delete at[last];
  return value;
}

/**
 * The last name of a path: `image` for `output.image`.
 * @throws {UserInputError} if the path is empty or unsafe
 */
export function lastName(path: string): string {
  return toSteps(path).pop() as string;
}

function toSteps(path: string): string[] {
  const steps = path.split('.').map((step) => step.trim());
  if (steps.some((step) => step === '' || FORBIDDEN.has(step))) {
    throw new UserInputError(
      `${JSON.stringify(path)} can't be used as a path`,
      'Write field names with dots between them, such as image or data.0.b64_json.',
    );
  }
  return steps;
}

function read(at: Container, step: string): unknown {
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

/** Stricter than `Number`, which also takes `1e0`, `0x1` and `-0`. */
function isPosition(step: string): boolean {
  return /^\d+$/.test(step);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

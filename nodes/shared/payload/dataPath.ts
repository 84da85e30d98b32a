import { UserInputError } from '../errors/userInputError';

type Container = Record<string, unknown> | unknown[];

/** Steps that would reach into JavaScript's own objects instead of the data. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Puts a value at a dotted path, making objects on the way: `image.data` → `{image: {data: value}}`.
 * A number steps into a list that is there already.
 * @throws {UserInputError} where the path is empty, unsafe or leads through a value that holds no fields
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
        'Choose a path whose steps before the last hold objects or nothing yet.',
      );
    }
  }
  write(at, last, value, path);
}

/** Takes the value at a dotted path out of the data: the field is gone after that. Nothing or null there: `undefined`. */
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
  // An element of a list leaves a gap that says so, since removing it would move the ones behind it.
  if (Array.isArray(at)) at[Number(last)] = null;
  else delete at[last];
  return value;
}

/** The name a path ends with: `image` for `output.image`. */
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
      'Use the position of an element, counted from 0, or the next free one.',
    );
  }
}

/** JavaScript reads more as numbers than a person writes for a position: `1e0`, `0x1`, `-0`. */
function isPosition(step: string): boolean {
  return /^\d+$/.test(step);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

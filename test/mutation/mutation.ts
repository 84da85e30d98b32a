/** A way to break one step of what keeps deliveries and requests safe. */
export interface Mutation {
  /** The step that is broken. */
  step: string;
  /** What the broken step lets through, or refuses. */
  effect: string;
  /** Source file, from `nodes`. `testsOf` says which tests must notice. */
  file: string;
  /** Code that the file has exactly once. Spaces and line breaks do not count. */
  from: string;
  /** What stands there instead. */
  to: string;
}

/** Several ways to break one step, all in the same file. */
export function of(
  file: string,
  step: string,
  ...ways: Array<[effect: string, from: string, to: string]>
): Mutation[] {
  return ways.map(([effect, from, to]) => ({ step, effect, file, from, to }));
}

/** Takes a source apart at a piece of code, however that is laid out. */
export function partsAround(code: string, source: string): string[] {
  const characters = [...code.replaceAll(/\s/g, '')];
  const inAnyLayout = characters.map((each) => each.replace(/\W/, '\\$&')).join('\\s*');
  return source.split(new RegExp(inAnyLayout));
}

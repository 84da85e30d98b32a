import type fc from 'fast-check';

/** What the code did with an input: took it, or refused it as it should. */
export type Outcome = 'accepted' | 'refused';

/** Something that must hold for all inputs of a kind. */
export interface FuzzProperty<Input = unknown> {
  name: string;
  /** How many inputs it gets, relative to the other properties. */
  share: number;
  inputs: fc.Arbitrary<Input>;
  /**
   * Compares what the code does with what a second, independent implementation expects.
   * @throws {AssertionError} if they differ
   */
  check(input: Input): Outcome | Promise<Outcome>;
}

/**
 * Defines a property. It makes sure that the generator and the check agree on the type of the
 * inputs.
 */
export function property<Input>(definition: FuzzProperty<Input>): FuzzProperty {
  return definition as FuzzProperty;
}

import type fc from 'fast-check';

/** What the code made of an input: took it, or refused it in the way it should. */
export type Outcome = 'accepted' | 'refused';

export interface FuzzProperty<Input = unknown> {
  name: string;
  /** How many inputs it gets, in relation to the others. */
  share: number;
  inputs: fc.Arbitrary<Input>;
  /** @throws where the code did anything else than what an independent reading of its contract says */
  check(input: Input): Outcome | Promise<Outcome>;
}

/** Keeps the inputs' type between a property's generator and its check. */
export function property<Input>(definition: FuzzProperty<Input>): FuzzProperty {
  return definition as FuzzProperty;
}

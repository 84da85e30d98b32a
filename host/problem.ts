/**
 * Something the person at the keyboard can put right (a busy port, no registry, no compiler).
 * Its message is one sentence to print as it is; a stack would only hide it.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
}

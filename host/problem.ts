/**
 * An error that the person at the keyboard can put right, for example a busy port or a missing
 * compiler. Its message is one sentence that is printed alone: a stack would only hide it.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
}

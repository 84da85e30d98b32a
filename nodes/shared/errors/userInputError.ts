/**
 * Something the person who built the workflow can put right: a value that is missing or can't be
 * used. The message says what and the hint what to do; `items.ts` adds which item.
 */
export class UserInputError extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'UserInputError';
  }
}

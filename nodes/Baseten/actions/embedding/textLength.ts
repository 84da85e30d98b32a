import { withTextLength } from '../../../shared/textLength';

/** The texts of a request, and the items that they are of. */
interface ItemTexts {
  texts: string[];
  itemIndexes: number[];
  /** What is called, for messages. */
  subject: string;
  /** Whether the operation has the option Truncate. */
  truncates?: boolean;
}

/**
 * Does the work of a request. If it is refused since its only text is too long, the error says how
 * long that is, and which item it is of.
 * @returns what the work returns
 * @throws what the work throws
 */
export async function sayingTextLength<Result>(
  { texts: [text = '', ...others], itemIndexes, ...rest }: ItemTexts,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const label = `The text of item ${itemIndexes[0]}`;
    throw others.length > 0 ? error : withTextLength(error, { text, label, ...rest });
  }
}

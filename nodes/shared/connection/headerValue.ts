import { UserInputError } from '../errors/userInputError';

/** Characters that get into a copied text unseen, or look like others. */
const NAMES: Record<string, string> = {
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a line break',
  ' ': 'a space',
  '\u00a0': 'a no-break space',
  '\u00ad': 'a soft hyphen',
  '\u200b': 'a zero-width space',
  '\u200c': 'a zero-width non-joiner',
  '\u200d': 'a zero-width joiner',
  '\u2010': 'a typographic hyphen',
  '\u2013': 'a dash',
  '\u2014': 'a dash',
  '\u2018': 'a curly quote',
  '\u2019': 'a curly quote',
  '\u201c': 'a curly quote',
  '\u201d': 'a curly quote',
  '\u2028': 'a line break',
  '\u2029': 'a line break',
  '\u2060': 'a word joiner',
  '\ufeff': 'a byte order mark',
};

/**
 * Checks a text that becomes a header of a request. Node's `fetch` refuses characters that n8n's
 * client drops, so such a text is refused before either of them gets it.
 * @param other matches a character that the text must not have
 * @param label what the text is, such as `The API key`
 * @param hint what to do
 * @throws {UserInputError} if it has one; the error names the character and its place
 * and does not show the text
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-field-values
 */
export function checkHeaderValue(text: string, other: RegExp, label: string, hint: string): void {
  const found = other.exec(text);
  if (!found) return;
  throw new UserInputError(
    `${label} has ${nameOf(found[0])} as character ${found.index + 1}`,
    hint,
  );
}

/** `a zero-width space (U+200B)`, or `the character é (U+00E9)`. */
function nameOf(character: string): string {
  const code = character.codePointAt(0) as number;
  const unicode = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const isSeen = !/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{M}]/u.test(character);
  const other = isSeen ? `the character ${character}` : 'an invisible character';
  return `${NAMES[character] ?? other} (${unicode})`;
}

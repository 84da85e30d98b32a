/** A way in which a text can hold a secret. */
export interface Writing {
  /**
   * Whether the character at a place counts. Whatever stands between those that count does not
   * hide the secret.
   */
  counts(text: string, at: number): boolean;
  /** A piece of a secret is hidden, too, if it has at least this many of these characters. */
  piece: number;
  /** A shorter secret is not looked for: it would be found in any text. */
  shortest: number;
  /** How a secret looks then. */
  formsOf(secret: string): string[];
}

/** From this length on a secret is looked for in other forms than its own. */
const SHORTEST_WITH_FORMS = 10;
const INVISIBLE = /[\s\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/u;

/** Each way is searched for by itself, since each skips other characters. */
export const WRITINGS: readonly Writing[] = [
  // The characters themselves, with spaces, line breaks, accents or characters without a width in
  // between.
  {
    counts(text, at) {
      const code = text.charCodeAt(at);
      return code < 0x7f ? code > 0x20 : !INVISIBLE.test(text.charAt(at));
    },
    piece: 10,
    shortest: 4,
    formsOf: (secret) =>
      secret.length < SHORTEST_WITH_FORMS
        ? [secret]
        : [secret, encodeURIComponent(secret), ...base64Of(secret)],
  },
  // Hexadecimal: 61 62, %61%62, 0x61, 0x62 and &#x61;&#x62; have the same digits.
  {
    counts: isHexDigit,
    piece: 12,
    shortest: SHORTEST_WITH_FORMS,
    formsOf: (secret) => [Buffer.from(secret).toString('hex')],
  },
  // Two bytes a character: \u0061\u0062.
  {
    counts: isHexDigit,
    piece: 24,
    shortest: SHORTEST_WITH_FORMS,
    formsOf: (secret) => [Buffer.from(secret, 'utf16le').swap16().toString('hex')],
  },
  // The numbers of the bytes: [97, 98].
  {
    counts(text, at) {
      const code = text.charCodeAt(at);
      return code >= 0x30 && code <= 0x39;
    },
    piece: 12,
    shortest: SHORTEST_WITH_FORMS,
    formsOf: (secret) => [Array.from(Buffer.from(secret)).join('')],
  },
];

/** Digits and letters up to F, but not the zero of `0x`. */
function isHexDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 0x30) return (text.charCodeAt(at + 1) | 0x20) !== 0x78;
  const small = code | 0x20;
  return (code > 0x30 && code <= 0x39) || (small >= 0x61 && small <= 0x66);
}

/**
 * A text in base64, however many bytes stand before it, without the characters that other bytes
 * have a share in.
 */
function base64Of(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const base64 = bytes
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
    return [base64, base64.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

import fc from 'fast-check';

/**
 * Pieces with a meaning in a URL, a path, a template or a header, and characters that look like
 * them.
 */
const PIECES = [
  ...[
    '.',
    '..',
    '/',
    '//',
    '\\',
    '@',
    '?',
    '#',
    '%',
    ':',
    ';',
    '&',
    '=',
    '+',
    '*',
    "'",
    '~',
    ',',
    '-',
    '_',
    ' ',
  ],
  ...[
    '%2e',
    '%2E%2e',
    '%2f',
    '%5C',
    '%00',
    '%23',
    '%3f',
    '%40',
    '%252e',
    '%c0%ae',
    '%ff',
    '\0',
    '\t',
    '\n',
    '\r',
    '\x7f',
    '\x85',
  ],
  ...[
    '．',
    '。',
    '․',
    '‥',
    '…',
    '⁄',
    '∕',
    '／',
    '＼',
    '＠',
    '：',
    '＃',
    '？',
    '％',
    'ⓔ',
    '\u202e',
    '\u200b',
    '\u2028',
    '\ufeff',
    '\u00ad',
    '\u00a0',
  ],
  ...[
    'localhost',
    '127.0.0.1',
    '169.254.169.254',
    '[::1]',
    '0x7f000001',
    '2130706433',
    'evil.example',
    'xn--',
    ':80',
    ':443',
    'https://',
    '//evil.example/',
    'user:pass@',
  ],
  ...[
    'a',
    'Z',
    '0',
    'é',
    '💥',
    '\ud800',
    '\udfff',
    '{id}',
    '{kind}',
    '$&',
    '$1',
    '${',
    '__proto__',
    'constructor',
  ],
];

/** Text of any characters, including halves of surrogate pairs, and text made of hostile pieces. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 6 }),
);

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];

/** A name as an ID or an environment may have it. */
export const plainName: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...LETTERS),
  minLength: 1,
  maxLength: 10,
});

/**
 * A name that is mostly valid, for inputs with several names: one bad name makes the whole input
 * bad.
 */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: plainName },
  {
    weight: 1,
    arbitrary: fc
      .tuple(plainName, fc.constantFrom('-', '_', '.', ' ', '--', 'ü', '~'), plainName)
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: hostileText },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('xn--', 'XN--', '0x', ''),
        fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 1, maxLength: 8 }),
      )
      .map((parts) => parts.join('')),
  },
);

/** Whether a character is a control character: invisible to people, special to programs. */
export function isControl(character: string): boolean {
  const code = character.codePointAt(0) as number;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/** Whether text has half of a surrogate pair, which UTF-8 cannot express. */
export function isBroken(text: string): boolean {
  return [...text].some(
    (character) => character.length === 1 && character >= '\ud800' && character <= '\udfff',
  );
}

const HOST_CHARACTERS = new Set([...LETTERS, '-', '_']);

/** Whether a name can be part of a label of a host name. */
export function isHostName(name: string): boolean {
  const inner = [...name];
  const ends = [inner.at(0), inner.at(-1)];
  // At the start of a label this would be Punycode, and stand for other characters.
  if (name.slice(0, 4).toLowerCase() === 'xn--') return false;
  return (
    inner.length > 0 &&
    inner.every((each) => HOST_CHARACTERS.has(each)) &&
    ends.every((each) => each !== '-' && each !== '_')
  );
}

/** Whether a name can be one segment of a URL's path. */
export function isStep(name: string): boolean {
  const characters = [...name];
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !isBroken(name) &&
    !characters.some((each) => '/\\?#%'.includes(each) || isControl(each))
  );
}

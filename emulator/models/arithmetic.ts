const WORDS: Array<[RegExp, string]> = [
  [/(?<=\d)\s*(?:times|multiplied by|×|x)\s*(?=\d)/gi, '*'],
  [/(?<=\d)\s*(?:divided by|÷)\s*(?=\d)/gi, '/'],
  [/(?<=\d)\s*plus\s*(?=\d)/gi, '+'],
  [/(?<=\d)\s*minus\s*(?=\d)/gi, '-'],
];

const NUMBER = String.raw`\(?-?\d+(?:\.\d+)?\)?`;
const EXPRESSION = new RegExp(`${NUMBER}(?:\\s*[-+*/^%]\\s*${NUMBER})+`, 'g');
const DATE = /\b\d{4}-\d{2}-\d{2}\b/g;

/**
 * The arithmetic expressions of a text: `calculate 6*7 and 2 plus 3` → `['6*7', '2+3']`. A date is
 * not a subtraction.
 */
export function expressionsIn(text: string): string[] {
  let plain = text.replace(DATE, ' ');
  for (const [word, sign] of WORDS) plain = plain.replace(word, sign);
  return plain.match(EXPRESSION) ?? [];
}

/** The numbers of a text, in order. */
export const numbersIn = (text: string) => (text.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);

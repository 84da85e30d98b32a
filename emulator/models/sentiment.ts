import { type Handler, inputObject, json, modelError } from './model';

const wordSet = (words: string) => new Set(words.split(' '));
const GOOD = wordSet(
  'good great love loved lovely excellent happy wonderful best nice fantastic amazing pleased',
);
const BAD = wordSet(
  'bad terrible hate hated awful worst sad poor broken horrible angry disappointing useless slow',
);

/** How positive a text is, by counting words: from 0 (negative) to 1 (positive); 0.5 is neutral. */
export function positivity(text: string): number {
  let balance = 0;
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    if (GOOD.has(word)) balance += 1;
    if (BAD.has(word)) balance -= 1;
  }
  return Number((1 / (1 + Math.exp(-1.5 * balance))).toFixed(4));
}

/** `{text}` → `{label, score}`; 422 for anything else. */
export const sentiment: Handler = (call) => {
  const { text } = inputObject(call);
  if (typeof text !== 'string') return modelError(422, 'Field "text" has to be a string.');
  const good = positivity(text);
  const label = good > 0.5 ? 'positive' : good < 0.5 ? 'negative' : 'neutral';
  return json({ label, score: label === 'negative' ? Number((1 - good).toFixed(4)) : good });
};

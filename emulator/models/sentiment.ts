import { type Handler, inputObject, json, refusal } from './model';

const GOOD = new Set(
  'good great love loved lovely excellent happy wonderful best nice fantastic amazing pleased'.split(
    ' ',
  ),
);
const BAD = new Set(
  'bad terrible hate hated awful worst sad poor broken horrible angry disappointing useless slow'.split(
    ' ',
  ),
);

/** A verdict by counting words: 0 is bad, 1 is good, 0.5 says nothing. */
export function positivity(text: string): number {
  let balance = 0;
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    if (GOOD.has(word)) balance += 1;
    if (BAD.has(word)) balance -= 1;
  }
  return Number((1 / (1 + Math.exp(-1.5 * balance))).toFixed(4));
}

/** `{text}` → `{label, score}`; anything else is refused with 422. */
export const sentiment: Handler = (call) => {
  const { text } = inputObject(call);
  if (typeof text !== 'string') return refusal(422, 'Field "text" has to be a string.');
  const good = positivity(text);
  const label = good > 0.5 ? 'positive' : good < 0.5 ? 'negative' : 'neutral';
  return json({ label, score: label === 'negative' ? Number((1 - good).toFixed(4)) : good });
};

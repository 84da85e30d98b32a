import { type Handler, inputObject, json, modelError } from './model';
import { positivity } from './sentiment';

/**
 * `{text, sentences?}` → `{summary, sentiment: {label, score}, steps}`. The summary is the first
 * sentences (1 by default); the score is that of the whole text. `steps` shows what each chainlet
 * returned.
 */
export const summariseAndScore: Handler = (call) => {
  const { text, sentences = 1 } = inputObject(call);
  if (typeof text !== 'string' || !text.trim())
    return modelError(422, 'Field "text" has to be a text.');
  const parts = text.match(/[^.!?]+[.!?]*/g) ?? [text];
  const summary = parts
    .slice(0, Math.max(1, Number(sentences) || 1))
    .join('')
    .trim();
  const score = positivity(text);
  const label = score > 0.5 ? 'positive' : score < 0.5 ? 'negative' : 'neutral';
  return json({
    summary,
    sentiment: { label, score },
    steps: [
      { chainlet: 'Summarise', input_characters: text.length, output_characters: summary.length },
      { chainlet: 'Score', input_characters: text.length, score },
    ],
  });
};

import { parseJson } from '../http/body';
import { checkClassifyRequest, checkRerankRequest } from '../schemas/rerankAndClassify';
import { checkBatch, cosine, embed } from './embeddings';
import { type Handler, json, modelError } from './model';
import { positivity } from './sentiment';

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const logit = (share: number) => Math.log(share / (1 - share));

/**
 * The server of an embeddings engine that ranks (`/rerank`) and classifies (`/predict`).
 * @param mostTexts Most texts in one request.
 */
export const rerankerServer = (mostTexts: number): Handler => {
  const routes: Record<string, Handler> = {
    '/health': () => json({ status: 'ok' }),
    '/rerank': rerank(mostTexts),
    '/predict': classify(mostTexts),
  };
  return (call) => routes[call.route]?.(call) ?? modelError(404, 'Not Found');
};

/** `{query, texts, raw_scores?, return_text?}` → `[{index, score, text?}]`, the best first. */
const rerank =
  (mostTexts: number): Handler =>
  (call) => {
    const request = checkRerankRequest(parseJson(call.body));
    checkBatch(request.texts.length, mostTexts);
    const query = embed(request.query);
    const ranked = request.texts.map((text, index) => {
      const raw = 8 * cosine(query, embed(text)) - 4;
      const score = request.raw_scores ? raw : sigmoid(raw);
      return { index, score, ...(request.return_text ? { text } : {}) };
    });
    return json(ranked.sort((left, right) => right.score - left.score || left.index - right.index));
  };

/** `{inputs: [[text], …], raw_scores?}` → `[[{label, score}]]`, the most likely label first. */
export const classify =
  (mostTexts: number): Handler =>
  (call) => {
    const request = checkClassifyRequest(parseJson(call.body));
    checkBatch(request.inputs.length, mostTexts);
    const results = request.inputs.map((input) => {
      const good = positivity(input.join(' '));
      const labels = [
        { label: 'positive', score: request.raw_scores ? logit(good) : good },
        {
          label: 'negative',
          score: request.raw_scores ? logit(1 - good) : Number((1 - good).toFixed(4)),
        },
      ];
      return labels.sort((left, right) => right.score - left.score);
    });
    return json(results);
  };

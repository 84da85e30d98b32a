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
    ranked.sort((left, right) => right.score - left.score || left.index - right.index);
    return json(oddly(request.query, ranked));
  };

type Ranked = Record<string, unknown>;

/**
 * What rerankers other than Baseten's were seen to send. The query chooses one:
 * `odd/index-as-text`.
 */
const ODD_RANKINGS: Record<string, (entry: Ranked) => Ranked> = {
  'odd/index-as-text': (entry) => ({ ...entry, index: String(entry.index) }),
  'odd/index-repeated': (entry) => ({ ...entry, index: 0 }),
  'odd/index-beyond': (entry) => ({ ...entry, index: Number(entry.index) + 1 }),
  'odd/no-index': (entry) => ({ ...entry, index: undefined }),
  'odd/no-score': (entry) => ({ ...entry, score: null }),
  'odd/score-as-text': (entry) => ({ ...entry, score: String(entry.score) }),
};

function oddly(query: string, ranked: Ranked[]): Ranked[] {
  const change = Object.hasOwn(ODD_RANKINGS, query) ? ODD_RANKINGS[query] : undefined;
  return change ? ranked.map(change) : ranked;
}

/**
 * What classifiers other than Baseten's were seen to send for one text. The text chooses it:
 * `odd/no-labels`.
 */
const ODD_LABELS: Record<string, unknown> = {
  'odd/no-labels': [],
  'odd/null': null,
  'odd/no-score': [{ label: 'positive', score: null }],
  'odd/number-as-label': [{ label: 1, score: 0.5 }],
};

/** `{inputs: [[text], …], raw_scores?}` → `[[{label, score}]]`, the most likely label first. */
export const classify =
  (mostTexts: number): Handler =>
  (call) => {
    const request = checkClassifyRequest(parseJson(call.body));
    checkBatch(request.inputs.length, mostTexts);
    const results = request.inputs.map((input) => {
      const text = input.join(' ');
      if (Object.hasOwn(ODD_LABELS, text)) return ODD_LABELS[text];
      const good = positivity(text);
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

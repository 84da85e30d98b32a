import { readList, type Engine } from './engine';
import { responseFailure, type BasetenError } from './errors/basetenError';
import type { BasetenRequest, BasetenResponse } from './http/client';
import { isRecord } from './json';
import { jsonBody } from './payload/requestBody';
import { pack, runBatches, type Places } from './run/batches';
import { withTextLength } from './textLength';
import { toIndex } from './vectors';

/** The route of an embeddings engine that ranks. */
export const RERANK_ROUTE = '/rerank';
/** The most texts in one request. A request that is refused for its size is sent in halves. */
const MOST_TEXTS = 1024;

/** A result: the position of a text in the list, and how well the text answers the query. */
export interface Ranked {
  index: number;
  score: number;
}

/** What is ranked, and by what. */
export interface Ranking {
  query: string;
  texts: string[];
  engine: Engine;
  /** What requests say besides the texts. */
  fields: Record<string, unknown>;
}

/** How requests are sent. */
export interface RerankSettings {
  /** How many requests may be under way at once. */
  flow: Places;
  send(request: BasetenRequest, signal: AbortSignal): Promise<BasetenResponse>;
  /** Stops the run from outside. */
  cancel?: AbortSignal;
}

/**
 * Ranks any number of texts by how well they answer a query. The score of a text does not depend on
 * the others, so more texts than one request takes are sent in parts.
 * @returns a result for each text, the best first; of equal ones the earlier text first
 * @throws {BasetenError} if a request fails, or a response does not have a score for each text
 * @see https://docs.baseten.co/engines/bei/overview
 */
export async function rankTexts(
  { query, texts, engine, fields }: Ranking,
  { flow, send, cancel }: RerankSettings,
): Promise<Ranked[]> {
  const { url, subject } = engine;
  const scores = await runBatches<number>({
    batches: pack(texts.map((_, entry) => ({ entry, kind: '', batchSize: MOST_TEXTS }))),
    flow,
    work: async (entries, signal) => {
      const part = entries.map((entry) => texts[entry] ?? '');
      const body = jsonBody({ query, texts: part, ...fields });
      const response = await send({ method: 'POST', url, body, subject }, signal);
      return toScores(readList(response.body, part.length, subject, RERANK_ROUTE), subject);
    },
    onFailure: (entry, cause) => {
      throw withTextLength(cause, {
        text: `${query}${texts[entry]}`,
        label: `Text ${entry + 1}, with the query,`,
        subject,
        truncates: true,
      });
    },
    cancel,
  });
  return scores.map((score, index) => ({ index, score })).sort((a, b) => b.score - a.score);
}

/**
 * @param list a result for each text, in any order
 * @returns the score of each text, in their order
 */
function toScores(list: unknown[], subject: string): number[] {
  const scores: number[] = [];
  for (const entry of list) {
    const { index, score } = toRanked(entry, list.length, subject);
    if (scores[index] !== undefined)
      throw unusableFailure(`The response of ${subject} has two results for the same text`);
    scores[index] = score;
  }
  return scores;
}

/** @param count how many texts there are */
function toRanked(entry: unknown, count: number, subject: string): Ranked {
  const { index: given, score }: Record<string, unknown> = isRecord(entry) ? entry : {};
  const index = toIndex(given) ?? NaN;
  if (typeof score === 'number' && Number.isFinite(score) && index < count) return { index, score };
  throw unusableFailure(
    `The response of ${subject} has a result without a score or a text that it belongs to`,
  );
}

function unusableFailure(message: string): BasetenError {
  return responseFailure(message, 'Check that the deployment serves a reranker.');
}

import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { toText } from '../../../shared/embeddings';
import { responseFailure, type BasetenError } from '../../../shared/errors/basetenError';
import { isRecord } from '../../../shared/json';
import { toIndex } from '../../../shared/vectors';
import { jsonBody, parseJson } from '../../../shared/payload/requestBody';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Operation } from '../operation';
import { addressing } from '../../../shared/parameters/addressing';
import { optionsCollection } from '../../../shared/parameters/options';
import { ENGINE_OPTIONS, readEngine, readEngineFields, readList } from './engine';

const ROUTE = '/rerank';

/** A result: the position of a text in the request, and how well the text answers the query. */
interface Ranked {
  index: number;
  score: number;
}

const properties: INodeProperties[] = [
  {
    displayName: 'Query',
    name: 'query',
    type: 'string',
    required: true,
    default: '',
    placeholder: 'e.g. How do I reset my password?',
    description: 'What the texts should answer',
  },
  {
    displayName: 'Texts',
    name: 'texts',
    type: 'json',
    typeOptions: { rows: 4 },
    required: true,
    default: '[]',
    placeholder: '["first text", "second text"]',
    description: 'The texts to rank: a JSON list, or an expression that gives one',
  },
];

/**
 * Ranks texts by how well they answer a query.
 * @see https://docs.baseten.co/engines/bei/overview
 */
export const rerank: Operation = {
  name: 'Rerank',
  value: 'rerank',
  action: 'Rerank texts',
  callsDeployment: true,
  description:
    'Rank texts by how well they answer a query, with a reranker on an embeddings engine',
  properties: [
    ...addressing('model'),
    ...properties,
    optionsCollection([
      ...ENGINE_OPTIONS,
      {
        displayName: 'Return Text',
        name: 'returnText',
        type: 'boolean',
        default: false,
        description: 'Whether each result contains its text, not only its position in the list',
      },
    ]),
  ],
  async execute(call) {
    const { context, itemIndex, options, send } = call;
    const { url, subject } = readEngine(call, ROUTE);
    const query = toText(context.getNodeParameter('query', itemIndex, ''), 'Query');
    const texts = toTexts(context.getNodeParameter('texts', itemIndex, '[]'));
    const body = jsonBody({ query, texts, ...readEngineFields(options.own) });
    const response = await send({ method: 'POST', url, body, subject });
    const list = readList(response.body, texts.length, subject, ROUTE);
    const ranked = toRanking(list, subject).sort((a, b) => b.score - a.score);
    // The texts are known here, so the engine need not send them back.
    const withText = options.own.returnText === true;
    const results = ranked.map((result) =>
      withText ? { ...result, text: texts[result.index] } : result,
    );
    return [{ json: { results: results as unknown as IDataObject[] } }];
  },
};

/** @param list a result for each text, in any order */
function toRanking(list: unknown[], subject: string): Ranked[] {
  const ranking = list.map((entry) => toRanked(entry, list.length, subject));
  if (new Set(ranking.map(({ index }) => index)).size === list.length) return ranking;
  throw unusableFailure(`The response of ${subject} has two results for the same text`);
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

function toTexts(value: unknown): string[] {
  const list = parseJson(value, 'Texts');
  if (!Array.isArray(list) || list.length === 0) {
    throw new UserInputError(
      Array.isArray(list) ? 'There are no texts to rank' : 'Texts is not a list',
      'Enter a JSON list such as ["first text", "second text"], ' +
        'or an expression that gives a list of texts.',
    );
  }
  return list.map((text, index) => toText(text, `Text ${index + 1}`));
}

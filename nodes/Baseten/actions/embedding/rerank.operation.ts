import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { toText } from '../../../shared/embeddings';
import { parseJson } from '../../../shared/payload/requestBody';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Operation } from '../operation';
import { addressing } from '../../../shared/parameters/addressing';
import { optionsCollection } from '../../../shared/parameters/options';
import { RAW_SCORES, readEngine, readEngineFields, TRUNCATE } from '../../../shared/engine';
import { RERANK_ROUTE, rankTexts } from '../../../shared/rerank';

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
      RAW_SCORES,
      TRUNCATE,
      {
        displayName: 'Return Text',
        name: 'returnText',
        type: 'boolean',
        default: false,
        description: 'Whether each result contains its text, not only its position in the list',
      },
    ]),
  ],
  async execute({ context, itemIndex, connection, options, send }) {
    const query = toText(context.getNodeParameter('query', itemIndex, ''), 'Query');
    const texts = toTexts(context.getNodeParameter('texts', itemIndex, '[]'));
    const { endpoints } = connection;
    const engine = readEngine(context, itemIndex, { endpoints, route: RERANK_ROUTE });
    const fields = readEngineFields(options.own);
    const ranked = await rankTexts({ query, texts, engine, fields }, { flow: { places: 1 }, send });
    // The texts are known here, so the engine need not send them back.
    const withText = options.own.returnText === true;
    const results = ranked.map((result) =>
      withText ? { ...result, text: texts[result.index] } : result,
    );
    return [{ json: { results: results as unknown as IDataObject[] } }];
  },
};

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

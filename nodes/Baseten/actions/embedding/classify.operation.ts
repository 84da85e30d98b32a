import type { IDataObject } from 'n8n-workflow';

import { jsonBody } from '../../../shared/payload/requestBody';
import type { BatchOperation } from '../operation';
import { addressing } from '../../../shared/parameters/addressing';
import { ENGINE_OPTIONS, readEngine, readEngineFields, readList } from './engine';
import {
  packedOptions,
  readBatchSize,
  readText,
  textParameter,
} from '../../../shared/parameters/embedding';

const ROUTE = '/predict';

/**
 * Labels texts with a classification model on an embeddings engine (BEI).
 * @see https://docs.baseten.co/engines/bei/overview
 */
export const classify: BatchOperation = {
  name: 'Classify',
  value: 'classify',
  action: 'Classify texts',
  description: 'Label texts with a classifier on an embeddings engine. Many items share a request.',
  properties: [
    ...addressing('model'),
    textParameter('The text to classify'),
    packedOptions(ENGINE_OPTIONS),
  ],
  readPart(item) {
    const { context, itemIndex, options } = item;
    return {
      text: readText(context, itemIndex),
      ...readEngine(item, ROUTE),
      fields: readEngineFields(options.own),
      batchSize: readBatchSize(options.own),
    };
  },
  async executeBatch({ texts, url, subject, fields, send }) {
    const body = jsonBody({ inputs: texts.map((text) => [text]), ...fields });
    const response = await send({ method: 'POST', url, body, subject });
    const lists = readList(response.body, texts.length, subject, ROUTE);
    return lists.map((results) => ({ json: { results: results as IDataObject[] } }));
  },
};

import type { IDataObject } from 'n8n-workflow';

import { responseFailure, type BasetenError } from '../../../shared/errors/basetenError';
import { isRecord } from '../../../shared/json';
import { jsonBody } from '../../../shared/payload/requestBody';
import { FailedEntry } from '../../../shared/run/batches';
import type { BatchOperation } from '../operation';
import { withMain } from '../../../shared/run/outputField';
import { addressing } from '../../../shared/parameters/addressing';
import {
  RAW_SCORES,
  readEngine,
  readEngineFields,
  readList,
  TRUNCATE,
} from '../../../shared/engine';
import { sayingTextLength } from './textLength';
import {
  packedOptions,
  readBatchSize,
  readText,
  textParameter,
} from '../../../shared/parameters/embedding';

const ROUTE = '/predict';

/** A label of a text, and how well it fits. */
interface Labelled {
  label: string;
  score: number;
}

/**
 * Labels texts with a classification model on an embeddings engine (BEI).
 * @see https://docs.baseten.co/engines/bei/overview
 */
export const classify: BatchOperation = {
  name: 'Classify',
  value: 'classify',
  action: 'Classify texts with a classifier deployment',
  callsDeployment: true,
  description: 'Label texts with a classifier on an embeddings engine. Many items share a request.',
  properties: [
    ...addressing('model'),
    textParameter('The text to classify'),
    packedOptions([RAW_SCORES, TRUNCATE]),
  ],
  readPart({ context, itemIndex, connection, options }) {
    const { endpoints } = connection;
    return {
      text: readText(context, itemIndex),
      ...readEngine(context, itemIndex, { endpoints, route: ROUTE }),
      fields: readEngineFields(options.own),
      batchSize: readBatchSize(options.own),
    };
  },
  async executeBatch({ texts, itemIndexes, url, subject, fields, send }) {
    const body = jsonBody({ inputs: texts.map((text) => [text]), ...fields });
    const response = await sayingTextLength(
      { texts, itemIndexes, subject, truncates: true },
      async () => await send({ method: 'POST', url, body, subject }),
    );
    const lists = readList(response.body, texts.length, subject, ROUTE);
    return lists.map((results) =>
      areLabels(results)
        ? withMain({ json: { results: results as unknown as IDataObject[] } }, bestOf(results))
        : new FailedEntry(noLabelsFailure(subject)),
    );
  },
};

/** Whether a result is a list of labels with scores, and not an empty one. */
function areLabels(results: unknown): results is Labelled[] {
  return (
    Array.isArray(results) &&
    results.length > 0 &&
    results.every(
      (entry) => isRecord(entry) && typeof entry.label === 'string' && Number.isFinite(entry.score),
    )
  );
}

/** The label that fits best. */
function bestOf([first, ...others]: Labelled[]): string | undefined {
  return others.reduce((best, each) => (best && each.score <= best.score ? best : each), first)
    ?.label;
}

function noLabelsFailure(subject: string): BasetenError {
  return responseFailure(
    `The result of ${subject} for this item is not a list of labels with scores`,
    'Check that the deployment serves a classifier.',
  );
}

import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { Endpoints } from '../connection/endpoints';
import {
  DEFAULT_BATCH_SIZE,
  LARGEST_BATCH_SIZE,
  toText,
  type EmbeddingSource,
} from '../embeddings';
import type { ParameterContext } from './parameter';
import { optionsCollection, readWholeNumber } from './options';
import { readSource, sourceParameters } from './source';

/**
 * The parameter for the text of an item.
 * @param description what the text is for
 */
export function textParameter(description: string): INodeProperties {
  return {
    displayName: 'Text',
    name: 'text',
    type: 'string',
    typeOptions: { rows: 3 },
    required: true,
    default: '',
    placeholder: 'e.g. {{ $json.text }}',
    description,
  };
}

/**
 * The parameters that say which embeddings model is called. It is always a deployment: Baseten's
 * Model APIs serve no embeddings, so there is no choice of a source, but its value is kept.
 * @see https://docs.baseten.co/engines/bei/overview
 */
export function embedderParameters(): INodeProperties[] {
  return sourceParameters('embeddings').map((property) => {
    if (property.name === 'source')
      return { displayName: 'Source', name: 'source', type: 'hidden', default: 'deployment' };
    if (property.name !== 'model') return property;
    return {
      ...property,
      displayName: 'Served Model Name',
      description:
        'The name that the deployment’s server gives the model. If it is empty, the node asks the server for it.',
    };
  });
}

/**
 * Reads which embeddings model an item calls.
 * @param itemIndex position of the item in the input
 * @throws {UserInputError} as `readSource` does
 */
export function readEmbedder(
  context: ParameterContext,
  itemIndex: number,
  endpoints: Endpoints,
): EmbeddingSource {
  const source = readSource(context, itemIndex, endpoints, 'deployment');
  const { model, isNamed, deployment, subject } = source;
  return { model, isNamed, deployment, subject, url: source.openAiUrl('/embeddings') };
}

/** Option: the most texts in one request. */
export const BATCH_SIZE: INodeProperties = {
  displayName: 'Batch Size',
  name: 'batchSize',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: LARGEST_BATCH_SIZE, numberPrecision: 0 },
  default: DEFAULT_BATCH_SIZE,
  description:
    'How many texts share a request, from 1 to 2048. A request that is refused for its size is sent in halves.',
};

/** Option: the length of the vectors. */
export const DIMENSIONS: INodeProperties = {
  displayName: 'Dimensions',
  name: 'dimensions',
  type: 'number',
  typeOptions: { minValue: 1, numberPrecision: 0 },
  default: 1024,
  description: 'Length of the vectors, for models that can shorten them. Other models refuse it.',
};

/** What the limits mean for operations whose items share requests. */
const PACKED_DESCRIPTIONS: Record<string, string> = {
  maxConcurrency:
    'How many requests are in flight at once, from 1 to 256. 0 means as many as the deployment takes without slowing down, which the node finds out while it runs. The results keep the order of the input.',
};

/**
 * The Options collection of an operation whose items share requests.
 * @param own options of this operation alone
 */
export function packedOptions(own: INodeProperties[] = []): INodeProperties {
  const collection = optionsCollection([BATCH_SIZE, ...own]);
  const options = (collection.options as INodeProperties[]).map((option) => ({
    ...option,
    description: PACKED_DESCRIPTIONS[option.name] ?? option.description,
  }));
  return { ...collection, options };
}

/**
 * Reads the text of an item.
 * @param itemIndex position of the item in the input
 * @throws {UserInputError} if it is empty, or not a text
 */
export function readText(context: IExecuteFunctions, itemIndex: number): string {
  return toText(context.getNodeParameter('text', itemIndex, ''), 'Text');
}

/**
 * Reads the most texts that may share a request.
 * @throws {UserInputError} if it is not a number, or out of range
 */
export function readBatchSize(options: Record<string, unknown>): number {
  return readWholeNumber(options, {
    name: 'batchSize',
    label: 'Batch Size',
    range: [1, LARGEST_BATCH_SIZE],
    fallback: DEFAULT_BATCH_SIZE,
  });
}

/**
 * Reads the length that vectors should have.
 * @returns nothing if it is not set
 * @throws {UserInputError} if it is not a number, or out of range
 */
export function readDimensions(options: Record<string, unknown>): number | undefined {
  return readWholeNumber(options, { name: 'dimensions', label: 'Dimensions', range: [1, 65_536] });
}

import type { IDataObject, INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';

import { nameOf, type Owner } from '../connection/endpoints';
import type { ErrorJson } from '../errors/errorJson';
import { UserInputError } from '../errors/userInputError';
import { withDifferentNames } from '../formats/imageNames';
import { checkAnswer, toItems as readItems, type Reading } from '../formats/results';
import { moveFiles, type FileSettings } from '../payload/jsonFiles';
import type { BinaryHelpers } from '../payload/storeFile';
import { besideInput } from '../run/inputBeside';
import { inField } from '../run/outputField';
import type { AsyncResult } from '../webhook/verify';

/**
 * What became of an item: what the workflow gets of its result, in a field if the user has named
 * one, or why it has none.
 */
export type Outcome =
  | {
      payload: object;
      field?: string;
      /** How the answer becomes items, if not one of a trigger. */
      reading?: Reading;
      /** Position of its item in the input, if items have several requests. */
      item?: number;
    }
  | { failure: ErrorJson };

/** How the items look that the workflow goes on with. It is data, so that it can be kept. */
export interface ItemShape {
  /** Which texts in results become files. */
  files: FileSettings;
  /** What stays of the incoming items; nothing if the user has not asked for that. */
  beside?: {
    /** Positions of the items whose fields and files stay. */
    items: number[];
    /** Whether they stay beside an error, too. n8n's error output puts them there itself. */
    errors: boolean;
  };
}

/** What makes an item of an outcome: n8n's store of files, and its log. */
type ItemContext = Pick<IWebhookFunctions, 'logger' | 'getNode'> & { helpers: BinaryHelpers };

/**
 * The items that the workflow goes on with, in the order of the input.
 * @param inputs the incoming items; of those that do not stay they may be missing
 */
export async function toItems(
  context: ItemContext,
  outcomes: Outcome[],
  shape: ItemShape,
  inputs: Array<INodeExecutionData | null | undefined>,
): Promise<INodeExecutionData[]> {
  const stays = new Set(shape.beside?.items);
  const made = await Promise.all(
    outcomes.map(async (outcome, request) => {
      const index = positionOf(outcome) ?? request;
      const isKept = stays.has(index) && (!('failure' in outcome) || shape.beside?.errors);
      const input = isKept ? inputs[index] : undefined;
      return (await itemsOf(context, outcome, shape.files)).map((item) => ({
        ...(input ? besideInput(input, item) : item),
        pairedItem: { item: index },
      }));
    }),
  );
  const isOfImages = (outcome: Outcome) =>
    'payload' in outcome && outcome.reading?.kind === 'images';
  return outcomes.some(isOfImages) ? withDifferentNames(made.flat()) : made.flat();
}

function positionOf(outcome: Outcome): number | undefined {
  return 'failure' in outcome ? outcome.failure.details?.itemIndex : outcome.item;
}

/** One item, or an item an image. */
async function itemsOf(
  context: ItemContext,
  outcome: Outcome,
  files: FileSettings,
): Promise<INodeExecutionData[]> {
  if ('failure' in outcome || !outcome.reading) return [await toItem(context, outcome, files)];
  const { payload, reading, field } = outcome;
  const answer = { json: (payload as Partial<AsyncResult>).data };
  const making = { helpers: context.helpers, subject: 'the model' };
  const items = await readItems(answer, reading, making);
  return field === undefined ? items : items.map((item) => inField(item, field));
}

/**
 * Checks that a result can become the items that were asked for.
 * @throws {BasetenError} if it holds nothing of the kind
 */
export async function checkResult(
  { data }: AsyncResult,
  reading: Reading | undefined,
  owner: Owner,
): Promise<void> {
  if (reading) await checkAnswer({ json: data }, reading, nameOf(owner));
}

/** What is base64 in a result becomes a file, as it does for a trigger. */
async function toItem(
  context: ItemContext,
  outcome: Outcome,
  files: FileSettings,
): Promise<INodeExecutionData> {
  if ('failure' in outcome) return { json: { ...outcome.failure } };
  const { field } = outcome;
  const json = { ...outcome.payload } as IDataObject;
  const warn = (why: string) =>
    context.logger.warn(`${context.getNode().name}: a field was left as it came: ${why}`);
  const onNoFile = (path: string) => warn(`"${path}" does not hold base64 text`);
  const settings = { ...files, inside: 'data', onNoFile };
  const item = await moveFiles(json, settings, context.helpers).catch((error: Error) => {
    // A field that can't be moved is no reason to lose the result.
    warn(error.message);
    return { json };
  });
  return field === undefined ? item : { ...item, json: { [field]: item.json } };
}

/** An inference that failed, in the words of the model. */
export function inferenceFailed(
  owner: Owner,
  requestId: string,
  errors: AsyncResult['errors'],
): UserInputError {
  const reasons = (Array.isArray(errors) ? errors : [errors])
    .map((error) =>
      error?.code && error.message ? `${error.code}: ${error.message}` : JSON.stringify(error),
    )
    .join(' · ');
  return new UserInputError(
    `The inference of ${nameOf(owner)} failed`,
    `${reasons || 'Baseten gave no reason'} · Request ID: ${requestId}`,
  );
}

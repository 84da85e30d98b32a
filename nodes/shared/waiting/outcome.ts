import type { IDataObject, INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';

import { nameOf, type Owner } from '../connection/endpoints';
import type { ErrorJson } from '../errors/errorJson';
import { UserInputError } from '../errors/userInputError';
import { moveFiles, type FileSettings } from '../payload/jsonFiles';
import type { BinaryHelpers } from '../payload/storeFile';
import type { AsyncResult } from '../webhook/verify';

/** What became of an item: what the workflow gets of its result, or why it has none. */
export type Outcome = { payload: object } | { failure: ErrorJson };

/** What makes an item of an outcome: n8n's store of files, and its log. */
type ItemContext = Pick<IWebhookFunctions, 'logger' | 'getNode'> & { helpers: BinaryHelpers };

/**
 * The item that the workflow goes on with. What is base64 in a result becomes a file, as it does
 * for a trigger.
 * @param index position of the item in the input
 */
export async function toItem(
  context: ItemContext,
  outcome: Outcome,
  index: number,
  files: FileSettings,
): Promise<INodeExecutionData> {
  const pairedItem = { item: index };
  if ('failure' in outcome) return { json: { ...outcome.failure }, pairedItem };
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
  return { ...item, pairedItem };
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

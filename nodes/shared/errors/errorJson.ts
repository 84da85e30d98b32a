import type { IDataObject, INode } from 'n8n-workflow';

import { withoutUndefined } from '../json';
import { BasetenError } from './basetenError';
import { toNodeError } from './nodeErrors';

/**
 * What stands for an item that failed. n8n's error output keeps `details` only if an item has
 * exactly these three fields.
 */
export interface ErrorJson extends IDataObject {
  error: string;
  /** What to do about it, and what is known of the call. */
  message: string;
  /** It has a `kind` only if something was sent. */
  details: IDataObject & { itemIndex: number };
}

/**
 * Makes the data of an item that stands for one that failed.
 * @param node the node that failed
 * @param cause what was thrown, of any kind
 * @param itemIndex position of the failed item in the input
 */
export function toErrorJson(node: INode, cause: unknown, itemIndex: number): ErrorJson {
  const error = toNodeError(node, cause, itemIndex);
  const facts = cause instanceof BasetenError ? factsOf(cause) : {};
  return {
    error: error.message,
    message: error.description ?? '',
    details: { itemIndex, ...withoutUndefined(facts) },
  };
}

function factsOf({
  kind,
  status,
  code,
  detail,
  requestId,
  received,
  exampleInput,
  logs,
}: BasetenError): IDataObject {
  return {
    kind,
    status,
    code,
    answer: detail,
    requestId,
    received: received as IDataObject,
    exampleInput: exampleInput as IDataObject,
    logs: logs as IDataObject[] | undefined,
  };
}

import type { INode, NodeApiError, NodeOperationError } from 'n8n-workflow';

import { toNodeError } from './basetenError';

/**
 * Like `toNodeError`, for a sub-node. n8n shows it as the sub-node's own and passes it on whole; of any other error
 * only the message would be left, without what to do.
 */
export function toSubNodeError(
  node: INode,
  cause: unknown,
  itemIndex: number,
): NodeApiError | NodeOperationError {
  const error = toNodeError(node, cause, itemIndex);
  error.functionality = 'configuration-node';
  return error;
}

// Decisions: docs/decisions.md, "Secrets never reach an item, an error, a log or a URL".

import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import { isRecord } from '../json';
import { BasetenError } from './basetenError';
import { STOPPED } from './failures';
import { withoutSecrets } from './redact';
import { UserInputError } from './userInputError';

/**
 * Does work that may fail with a server's words in its error, and takes secrets out of those.
 * @param secrets what the error must not show
 * @returns what the work returns
 * @throws what the work throws, without the secrets
 */
export async function hidingSecrets<T>(
  secrets: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw hidden(error, secrets);
  }
}

/**
 * The title holds our own words and names that the user gave. The rest may hold a server's words.
 */
function hidden(error: unknown, secrets: readonly string[]): unknown {
  const hide = (text: string) => withoutSecrets(text, secrets);
  if (error instanceof UserInputError) return new UserInputError(error.message, hide(error.hint));
  if (!(error instanceof BasetenError)) return error;
  const detail = error.detail === undefined ? undefined : hide(error.detail);
  return new BasetenError(error.message, { ...error, hint: hide(error.hint), detail });
}

/**
 * Makes the error that n8n shows: title, description, status and item. An error that is n8n's own
 * only gets its item.
 * @param node the node that failed
 * @param error what was thrown, of any kind
 * @param itemIndex position of the item in the input
 */
export function toNodeError(
  node: INode,
  error: unknown,
  itemIndex: number,
): NodeApiError | NodeOperationError {
  if (error instanceof NodeApiError || error instanceof NodeOperationError) {
    error.context.itemIndex ??= itemIndex;
    return error;
  }
  if (isAbort(error))
    return new NodeOperationError(node, STOPPED.title, { description: STOPPED.hint });
  if (error instanceof UserInputError) {
    return new NodeOperationError(node, error.message, { description: error.hint, itemIndex });
  }
  if (error instanceof BasetenError) {
    const { message, status } = error;
    const httpCode = status === undefined ? undefined : String(status);
    const shown = new NodeApiError(
      node,
      {},
      { message, description: describe(error), httpCode, itemIndex },
    );
    // n8n replaces a message in which it finds letters such as EPERM, and a name may have them.
    shown.message = message;
    return shown;
  }
  return new NodeOperationError(node, error instanceof Error ? error : String(error), {
    itemIndex,
  });
}

/**
 * Like `toNodeError`, for a sub-node. n8n then shows the error as the sub-node's own and passes it
 * on whole. Of any other error it would keep the message alone, without what to do.
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

/** n8n's editor joins lines, so dots separate what would otherwise stand on lines of its own. */
function describe({ hint, detail, code, requestId }: BasetenError): string {
  const facts = [
    detail && `Answer: ${detail}`,
    code && `Code: ${code}`,
    requestId && `Request ID: ${requestId}`,
  ];
  return [hint, facts.filter(Boolean).join(' · ')].filter(Boolean).join('\n');
}

/** Whether this is what waits and requests throw when they are stopped from outside. */
function isAbort(error: unknown): boolean {
  return isRecord(error) && error.name === 'AbortError';
}

// Decisions: docs/decisions.md, "Secrets never reach an item, an error, a log or a URL".

import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import { isRecord } from '../json';
import { BasetenError, type LogExcerpt } from './basetenError';
import { STOPPED } from './failures';
import { withoutSecrets } from './redact';
import { UserInputError } from './userInputError';

/** The levels of data that an error keeps of an answer. */
const DEEPEST = 50;

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
    throw withoutSecretsIn(error, secrets);
  }
}

/**
 * The same error without the secrets. Every text in it may repeat what was sent, or what a server
 * sent.
 * @param error of any kind
 */
export function withoutSecretsIn(error: unknown, secrets: readonly string[]): unknown {
  const hide = (text: string) => withoutSecrets(text, secrets);
  if (error instanceof UserInputError) {
    return new UserInputError(hide(error.message), hide(error.hint));
  }
  if (error instanceof BasetenError) {
    return new BasetenError(hide(error.message), hiddenFields({ ...error }, hide));
  }
  if (typeof error === 'string') return hide(error);
  return error instanceof Error && !isAbort(error) ? hiddenError(error, hide) : error;
}

/**
 * Errors of n8n and of Node. n8n's own keep their class, and what n8n has noted in them. Of another
 * one only the words are kept: an HTTP client's error may hold the whole request.
 */
function hiddenError(error: Error, hide: (text: string) => string): Error {
  const { name, message, stack } = error;
  const description = 'description' in error ? { description: error.description } : {};
  const shown = 'context' in error ? error : new Error(message);
  Object.assign(shown, hiddenFields({ ...shown, ...description, name, message, stack }, hide));
  if (shown.cause instanceof Error) shown.cause = hiddenError(shown.cause, hide);
  return shown;
}

/** The fields of an error without the secrets. Its node is not a copy that may be changed. */
function hiddenFields<T extends object>(fields: T, hide: (text: string) => string): T {
  const shown = Object.entries(fields).map(([name, value]) => [
    name,
    name === 'node' ? (value as unknown) : hiddenIn(value, hide),
  ]);
  return Object.fromEntries(shown) as T;
}

/** A copy of data without the secrets, and without what is nested deeper than anybody reads. */
function hiddenIn(value: unknown, hide: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return hide(value);
  const isList = Array.isArray(value);
  if (!isList && !isPlain(value)) return value;
  if (depth >= DEEPEST) return undefined;
  if (isList) return value.map((entry) => hiddenIn(entry, hide, depth + 1));
  const fields = Object.entries(value);
  return Object.fromEntries(
    fields.map(([name, entry]) => [hide(name), hiddenIn(entry, hide, depth + 1)]),
  );
}

/** Whether a value is data, and not an object of some class. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);
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
    // n8n shows this as the error's data.
    if (error.received !== undefined) shown.context.data = { received: error.received };
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
function describe({ hint, detail, code, requestId, exampleInput, logs }: BasetenError): string {
  const facts = [
    detail && `Answer: ${detail}`,
    code && `Code: ${code}`,
    requestId && `Request ID: ${requestId}`,
  ];
  const example =
    exampleInput !== undefined &&
    `Example input of this model, ready to paste: ${JSON.stringify(exampleInput)}`;
  const log = logs && ['Log of this request:', ...logs.map(toLogText)].join('\n');
  return [hint, facts.filter(Boolean).join(' · '), log, example].filter(Boolean).join('\n');
}

function toLogText({ level, message, chainlet }: LogExcerpt): string {
  return [chainlet && `${chainlet}:`, level, message].filter(Boolean).join(' ');
}

/** Whether this is what waits and requests throw when they are stopped from outside. */
function isAbort(error: unknown): boolean {
  return isRecord(error) && error.name === 'AbortError';
}

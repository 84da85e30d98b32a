import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import { UserInputError } from './userError';

/** A call to Baseten that failed, in words a person can act on. It never holds the key or a header. */
export class BasetenError extends Error {
  readonly kind: 'http' | 'connection' | 'timeout' | 'answer';
  /** What to do about it. */
  readonly hint: string;
  readonly status?: number;
  /** Baseten's or the model's own words. */
  readonly detail?: string;
  /** Baseten's `error_code`. */
  readonly code?: string;
  /** Baseten's ID of the request, for its support. */
  readonly requestId?: string;
  /** The `Retry-After` header as it came. */
  readonly retryAfter?: string;

  constructor(message: string, fields: Omit<BasetenError, 'name' | 'message' | 'stack' | 'cause'>) {
    super(message);
    this.name = 'BasetenError';
    this.kind = fields.kind;
    this.hint = fields.hint;
    this.status = fields.status;
    this.detail = fields.detail;
    this.code = fields.code;
    this.requestId = fields.requestId;
    this.retryAfter = fields.retryAfter;
  }
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** What each status means at Baseten and what helps: https://docs.baseten.co/inference/troubleshooting */
const STATUSES: Record<number, { title: string; hint: string }> = {
  400: {
    title: 'Baseten could not read the request for {subject}',
    hint: 'Check the input against what the model expects.',
  },
  401: {
    title: 'Baseten refused the API key',
    hint: 'Check the API key in the credential: it may be mistyped, revoked or of another workspace.',
  },
  402: {
    title: 'Baseten refused the request because of billing',
    hint: 'Check the payment method and credits of the workspace in Baseten’s billing settings.',
  },
  403: {
    title: 'The API key may not call {subject}',
    hint: 'Use a key with access to it: keys can be limited to inference, to an environment or to some models.',
  },
  404: {
    title: 'Baseten found nothing to answer for {subject}',
    hint:
      'Check the ID, the environment or deployment, and for async requests that they ended less than an hour ago. ' +
      'A development deployment that is scaled to zero answers like this too: wake it first. A Model API must be enabled in the workspace.',
  },
  413: {
    title: 'The input for {subject} is too large for Baseten',
    hint: 'Async requests take 256 KiB by default and predictions 100 MB. Send a link to the data instead of the data.',
  },
  422: {
    title: 'The model refused the input: {subject}',
    hint: 'A field is missing or has the wrong type. Check the input against what the model expects.',
  },
  429: {
    title: 'Baseten’s rate limit was reached for {subject}',
    hint: 'Set Requests per Minute in the options, lower Max Concurrency, or ask Baseten for a higher limit.',
  },
  500: {
    title: 'The model raised an error: {subject}',
    hint: 'Look at the deployment’s logs in Baseten for the cause.',
  },
  502: {
    title: 'The replica that ran {subject} crashed or could not be reached',
    hint: 'This is often a lack of memory. Look at the deployment’s logs and metrics in Baseten.',
  },
  503: {
    title: 'Baseten could not route the request to {subject}',
    hint: 'The deployment may be starting or draining. Wake the model first, or raise Max Retries.',
  },
  504: {
    title: '{subject} took longer than Baseten allows',
    hint: 'Predictions may take 20 minutes, async requests an hour. Use Submit Async for long work.',
  },
};

/**
 * Turns an answer that is not a success into an error. The body may be of any shape.
 * @param apiKey taken out of the answer's words, should a model repeat what it was sent
 */
export function httpFailure(answer: Answer, subject: string, apiKey: string): BasetenError {
  const { status, headers } = answer;
  const { detail, code } = ownWords(answer, apiKey);
  const known = STATUSES[status] ?? fallback(status);
  return new BasetenError(sentence(known.title.replace('{subject}', subject)), {
    kind: 'http',
    hint: known.hint,
    status,
    detail,
    code,
    requestId: headers['x-baseten-request-id'],
    retryAfter: headers['retry-after'],
  });
}

/** No answer within the node's own limit. @param seconds the limit that passed */
export function timeoutFailure(seconds: number, subject: string): BasetenError {
  return new BasetenError(`No complete answer from ${subject} within ${seconds} seconds`, {
    kind: 'timeout',
    hint:
      'Raise Timeout in the options, wake the model first if it was scaled to zero, or use Submit Async for long work. ' +
      'Baseten may still be working on the request.',
  });
}

/** The request or its answer did not get through. */
export function connectionFailure(error: unknown, host: string, subject: string): BasetenError {
  const code = findCode(error);
  // The code stays out of the message: n8n replaces messages in which it finds one by its own.
  return new BasetenError(`The connection to ${host} failed while calling ${subject}`, {
    kind: 'connection',
    hint: CONNECTION_HINTS[code ?? ''] ?? 'Check that this n8n can reach the host, and try again.',
    code,
  });
}

const CONNECTION_HINTS: Record<string, string> = {
  ENOTFOUND: 'No such host. Check the ID and, with custom endpoints, the URLs in the credential.',
  EAI_AGAIN: 'The host name could not be looked up. Check this n8n’s DNS and network.',
  ECONNREFUSED: 'Nothing answers there. Check the URLs in the credential, and firewalls between.',
  ECONNRESET: 'The other side closed the connection. Try again; if it persists, look at the deployment’s logs.',
};

/** An answer that came but can't be used. */
export function answerFailure(message: string, hint: string): BasetenError {
  return new BasetenError(message, { kind: 'answer', hint });
}

/** What n8n shows: title, description, status and item. Errors that are n8n's own already only get their item. */
export function toNodeError(node: INode, error: unknown, itemIndex: number): NodeApiError | NodeOperationError {
  if (error instanceof NodeApiError || error instanceof NodeOperationError) {
    error.context.itemIndex ??= itemIndex;
    return error;
  }
  if (error instanceof UserInputError) {
    return new NodeOperationError(node, error.message, { description: error.hint, itemIndex });
  }
  if (error instanceof BasetenError) {
    return new NodeApiError(node, {}, {
      message: error.message,
      description: describe(error),
      httpCode: error.status === undefined ? undefined : String(error.status),
      itemIndex,
    });
  }
  return new NodeOperationError(node, error instanceof Error ? error : String(error), { itemIndex });
}

function describe(error: BasetenError): string {
  return [
    error.hint,
    error.detail && `Answer: ${error.detail}`,
    error.code && `Code: ${error.code}`,
    error.requestId && `Request ID: ${error.requestId}`,
  ]
    .filter(Boolean)
    .join('\n');
}

function fallback(status: number): { title: string; hint: string } {
  if (status >= 300 && status < 400) {
    return {
      title: `{subject} answered with a redirect (${status}), which is not followed so that the API key stays where it is`,
      hint: 'Give the final address: check the route (a slash too many or too few) and, with custom endpoints, the URLs in the credential.',
    };
  }
  return {
    title: `{subject} answered with status ${status}`,
    hint: status >= 500 ? 'Look at the deployment’s logs in Baseten.' : 'Check the input and the addressing.',
  };
}

/** Finds the words in an answer: Baseten's error JSON, another shape of JSON, or text; of an HTML page its title. */
function ownWords({ headers, body }: Answer, apiKey: string): { detail?: string; code?: string } {
  const whole = body.toString('utf8').trim();
  const text = apiKey === '' ? whole : whole.replaceAll(apiKey, '[API key]');
  if (text === '') return {};
  const json = parse(text);
  if (json === undefined) {
    if ((headers['content-type'] ?? '').includes('html') || /^<(!doctype|html)/i.test(text)) {
      const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
      return { detail: title ? shorten(title) : undefined };
    }
    return { detail: shorten(text) };
  }
  const code = isRecord(json) && typeof json.error_code === 'string' ? json.error_code : undefined;
  return { detail: shorten(wordsIn(json)), code };
}

function wordsIn(json: unknown): string {
  if (typeof json === 'string') return json;
  if (isRecord(json)) {
    const words = [json.error, json.message, json.detail].flatMap((value) =>
      typeof value === 'string' ? [value] : isRecord(value) && typeof value.message === 'string' ? [value.message] : [],
    );
    if (words.length > 0) return [...new Set(words)].join(' — ');
  }
  return JSON.stringify(json);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function findCode(error: unknown): string | undefined {
  const coded = errorChain(error).find(({ code }) => typeof code === 'string' && /^[A-Z][A-Z_0-9]+$/.test(code));
  return coded?.code as string | undefined;
}

/** An error, what caused it, what caused that; of several that came together, the first. */
export function errorChain(error: unknown): Array<Record<string, unknown>> {
  const chain: Array<Record<string, unknown>> = [];
  for (let at = error; isRecord(at) && chain.length < 5; at = at.cause ?? (Array.isArray(at.errors) ? at.errors[0] : undefined)) {
    chain.push(at);
  }
  return chain;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shorten(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

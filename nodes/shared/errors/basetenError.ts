import { isRecord } from '../json';
import { decodeText } from '../payload/text';
import { isPage, readable, readResponseText } from './responseText';
import { FAILURES, WEB_PAGE, failureOfConnection, failureOfStatus, type Failure } from './failures';
import { withoutSecrets } from './redact';
import { readRetryAfter } from './retryAfter';
import { UserInputError } from './userInputError';
import { capital } from '../capital';

/**
 * A call to Baseten that failed, in words that a person can act on. It never holds the key or a
 * header.
 */
export class BasetenError extends Error {
  /** What kind of failure it is; `response` if one came but can't be used. */
  readonly kind: 'http' | 'connection' | 'timeout' | 'response';
  /** What to do about it. */
  readonly hint: string;
  /** Whether another attempt may succeed. */
  readonly isPassing?: boolean;
  readonly status?: number;
  /** Baseten's or the model's own words. */
  readonly detail?: string;
  /** Baseten's `error_code`. */
  readonly code?: string;
  /** Baseten's ID of the request, for its support. */
  readonly requestId?: string;
  /** What came of an answer before it failed, since it was paid for. */
  readonly received?: unknown;
  /** An input that the model takes, if it refused the one that it got. */
  readonly exampleInput?: unknown;
  /** What the model logged for the request: time, level and message of each line. */
  readonly logs?: readonly LogExcerpt[];
  /** Milliseconds that the server asks to wait before another attempt. */
  readonly retryAfter?: number;

  constructor(message: string, fields: Omit<BasetenError, 'name' | 'message' | 'stack' | 'cause'>) {
    super(message);
    this.name = 'BasetenError';
    this.kind = fields.kind;
    this.hint = fields.hint;
    this.isPassing = fields.isPassing;
    this.status = fields.status;
    this.detail = fields.detail;
    this.code = fields.code;
    this.requestId = fields.requestId;
    this.retryAfter = fields.retryAfter;
    this.received = fields.received;
    this.exampleInput = fields.exampleInput;
    this.logs = fields.logs;
  }
}

/** A line of a log, as an error shows it. */
export interface LogExcerpt {
  /** ISO 8601. */
  time: string;
  level: string | null;
  message: string;
  /** The chainlet that logged it, if it is a chain's. */
  chainlet?: string;
}

/** The most characters that are shown of it. */
const LONGEST_START = 200;

interface FailedResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** What is known of the call that failed. */
export interface FailedCall {
  /** What was called, for messages. */
  subject: string;
  /** Taken out of the response's words, in case a model repeats what it was sent. */
  secrets: readonly string[];
  /** `management` if it was a call of the management API. */
  api?: Failure['api'];
  /** Bytes that were sent, if that is known. */
  sentBytes?: number;
  /** Milliseconds since 1970; this machine's by default. */
  now?: number;
}

/** Turns a response that is not a success into an error. The body may be of any shape. */
export function httpFailure(
  { status, headers, body }: FailedResponse,
  { subject, secrets, api, sentBytes, now = Date.now() }: FailedCall,
): BasetenError {
  const failure = failureOfStatus(status, subject, api);
  const hide = (text: string) => withoutSecrets(text, secrets);
  const text = decodeText(body, headers['content-type'], true);
  const { detail, code, isPage: isWebPage } = readResponseText(text, hide);
  const hints = [
    failure.hint,
    status === 413 && sentBytes !== undefined && `This request had ${inUnits(sentBytes)}.`,
    isWebPage && WEB_PAGE.hint,
  ];
  return new BasetenError(titleOf(failure, { subject, status }), {
    kind: 'http',
    hint: hints.filter(Boolean).join(' '),
    isPassing: failure.isPassing,
    status,
    detail,
    code,
    requestId: plainId(headers['x-baseten-request-id'], hide),
    retryAfter: readRetryAfter(headers, body, now),
  });
}

/**
 * Says that no response came within the node's own time limit.
 * @param seconds the limit that passed
 * @param api whose response it is, if it is not a model's
 */
export function timeoutFailure(
  seconds: number,
  subject: string,
  api?: Failure['api'],
): BasetenError {
  const failure = api === 'management' ? FAILURES.slowManagement : FAILURES.timeout;
  return new BasetenError(titleOf(failure, { seconds, subject }), {
    kind: 'timeout',
    hint: failure.hint,
  });
}

/** What is known of a call whose connection failed. */
export interface LostCall {
  /** Where the request went. */
  host: string;
  /** What was called. */
  subject: string;
  /** Whether the response had begun. Then the host was reached, whatever the error says. */
  hasBegun?: boolean;
}

/**
 * Says that the request or its response did not get through.
 * @param error what the way taken threw
 */
export function connectionFailure(
  error: unknown,
  { host, subject, hasBegun = false }: LostCall,
): BasetenError {
  const code = findCode(error);
  const failure = failureOfConnection(hasBegun ? undefined : code);
  return new BasetenError(titleOf(failure, { host, subject }), {
    kind: 'connection',
    hint: failure.hint,
    isPassing: failure.isPassing,
    code,
  });
}

/**
 * Says that a stream broke off before its end.
 * @param cause the error that was read from it, if there is one
 */
export function brokenStreamFailure(subject: string, cause?: BasetenError): BasetenError {
  const { hint } = FAILURES.brokenStream;
  return new BasetenError(titleOf(FAILURES.brokenStream, { subject }), {
    kind: 'connection',
    hint,
    code: cause?.code,
  });
}

/** Says that a response is larger than memory should hold. @param limit in bytes */
export function hugeResponseFailure(subject: string, limit: number): BasetenError {
  return responseFailure(
    titleOf(FAILURES.hugeResponse, { subject, limit: limit / 1e6 }),
    FAILURES.hugeResponse.hint,
  );
}

/** Says that a response should be JSON and is not. The description shows how it starts. */
export function notJsonFailure(text: string, subject: string): BasetenError {
  const start = isPage(text) ? readable(text, same) : readable(text, same, LONGEST_START);
  const shown = isPage(text)
    ? `${WEB_PAGE.hint}${start === undefined ? '' : ` Its title is: ${start}`}`
    : start === undefined
      ? 'It holds binary data.'
      : `It starts with: ${start}`;
  return responseFailure(
    titleOf(FAILURES.notJson, { subject }),
    `${shown}\n${FAILURES.notJson.hint}`,
  );
}

/** Says that a response is JSON, but not what Baseten sends. */
export function notBasetenFailure(subject: string): BasetenError {
  return responseFailure(titleOf(FAILURES.notBaseten, { subject }), FAILURES.notBaseten.hint);
}

/**
 * Says that a response came but can't be used.
 * @param message the title
 * @param hint what to do
 */
export function responseFailure(message: string, hint: string): BasetenError {
  return new BasetenError(message, { kind: 'response', hint });
}

function titleOf({ title }: Failure, words: Record<string, string | number>): string {
  const text = title.replace(/\{(\w+)\}/g, (_, name: string) => String(words[name] ?? ''));
  return capital(text);
}

/** `300,000 bytes (293 KiB)`: in the units that Baseten's own words may have. */
function inUnits(bytes: number): string {
  const grouped = bytes.toLocaleString('en-US');
  const [unit, name] = bytes < 1_000_000 ? [1024, 'KiB'] : [1_000_000, 'MB'];
  return `${grouped} bytes (${(bytes / unit).toFixed(bytes < unit * 10 ? 1 : 0)} ${name})`;
}

/** The request ID, if it looks like one and has nothing in it that must not be shown. */
function plainId(header = '', hide: (text: string) => string): string | undefined {
  return /^[\w.:-]{1,100}$/.test(header) && hide(header) === header ? header : undefined;
}

function findCode(error: unknown): string | undefined {
  const coded = errorChain(error).find(
    ({ code }) => typeof code === 'string' && /^[A-Z][A-Z_0-9]+$/.test(code),
  );
  return coded?.code as string | undefined;
}

/**
 * Follows an error to what caused it. Of several errors that came together the first one counts.
 * @returns the error, its cause, the cause of that, up to five
 */
export function errorChain(error: unknown): Array<Record<string, unknown>> {
  const chain: Array<Record<string, unknown>> = [];
  for (
    let at = error;
    isRecord(at) && chain.length < 5;
    at = at.cause ?? (Array.isArray(at.errors) ? at.errors[0] : undefined)
  ) {
    chain.push(at);
  }
  return chain;
}

/** Says that a submission was taken, but that the response with its ID broke off. */
export function lostRequestIdFailure(subject: string): BasetenError {
  const { lostRequestId } = FAILURES;
  return new BasetenError(titleOf(lostRequestId, { subject }), {
    kind: 'connection',
    hint: lostRequestId.hint,
  });
}

/** @returns whether an error, or what caused it, has one of these codes */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return errorChain(error).some(({ code }) => codes.includes(String(code)));
}

/**
 * Codes for what went wrong on the network, with TLS, or in reading HTTP. Other codes of Node's
 * `fetch` say that a request can't be sent as it is.
 */
const NETWORK_CODES = [
  /^E(?:AI_|CONN|HOST|NET|PIPE|PROTO|TIMEDOUT|NOTFOUND|ADDR|SOCKET)/,
  /^UND_ERR_(?:SOCKET|CONNECT|HEADERS|BODY|RES_|CLOSED|DESTROYED)/,
  /^(?:HPE_|Z_|CERT_|UNABLE_TO_|UNASKED_CONTINUE$)|SELF_SIGNED_CERT/,
  /^ERR_(?:SSL|TLS|STREAM_PREMATURE_CLOSE|NETWORK|HTTP2)/,
];

/** @returns whether an error is one of the network, after which another attempt may succeed */
export function isNetworkError(error: unknown): boolean {
  return errorChain(error).some(
    ({ code, syscall }) =>
      syscall === 'connect' ||
      (typeof code === 'string' && NETWORK_CODES.some((codes) => codes.test(code))),
  );
}

/** Words of `fetch` that say nothing; what it means is the cause. */
const EMPTY_WORDS = ['', 'fetch failed', 'terminated'];

/**
 * The error that says most: one of ours or of n8n that says what to do, or else the first one with
 * words of its own.
 */
export function causeOf(error: unknown): unknown {
  const chain = errorChain(error);
  return (
    chain.find((each) => each instanceof UserInputError) ??
    chain.find(({ description }) => typeof description === 'string' && description !== '') ??
    chain.find(({ message }) => !EMPTY_WORDS.includes(String(message))) ??
    error
  );
}

function same(text: string): string {
  return text;
}

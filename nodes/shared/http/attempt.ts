import { onAbort } from '../abort';
import { followedBy, readStart } from '../chunks';
import type { Connection } from '../connection/connection';
import {
  BasetenError,
  causeOf,
  connectionFailure,
  hasCode,
  httpFailure,
  hugeResponseFailure,
  isNetworkError,
  lostRequestIdFailure,
  timeoutFailure,
} from '../errors/basetenError';
import { withoutSecretsIn } from '../errors/nodeErrors';
import { secretsOf } from '../errors/redact';
import type { Turn } from './flow/queue';
import { readInTime, readUpTo } from './readBody';
import type { BasetenRequest, BasetenResponse, BasetenStream, SendOptions } from './request';
import { requestHeaders } from './requestHeaders';
import type { HttpState } from './state';
import { sendOverWire, wasNotOpened } from './transport';
import { SAFE_METHODS, type HttpContext, type ResponseHead, type WireResponse } from './wire';

/** Most bytes of a response that is held in memory: as many as Baseten takes in a request. */
const LARGEST_HELD_BYTES = 100_000_000;
/** Most time for reading a response that tells of a failure: the status says what matters. */
const LONGEST_FAILURE_MS = 3000;
/** What to do after a change of the management API whose response says nothing. */
const MAYBE_CHANGED =
  'Baseten may have made the change all the same, so it was not sent again: look at it first.';
/** Codes by which Node's `fetch` says that its own time limit passed. */
const FETCH_TIMEOUTS = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

/** What an attempt comes to if it is no success. */
export interface Failed {
  failure: BasetenError;
}

/** Whether an attempt succeeded. */
export function isResponse<Response extends { body: unknown }>(
  result: Response | Failed,
): result is Response {
  return !('failure' in result);
}

/** What an attempt is made with. */
export interface AttemptSettings {
  context: HttpContext;
  connection: Connection;
  request: BasetenRequest;
  options: SendOptions;
  state: HttpState;
  /** Ends when the response has been read. */
  turn: Turn;
  /** Stops this attempt alone. */
  stop?: AbortSignal;
}

/** One attempt of a request, with a time limit of its own. */
export class Attempt {
  /**
   * Stops the request: when the execution is stopped, or time is up, or enough was read. One
   * controller costs less than a signal made of several.
   */
  private readonly stopping = new AbortController();
  private isTimeUp = false;
  /** Ends what may still stop it. */
  private readonly releases: Array<() => void> = [];
  /** The status of the response, as soon as it has begun. */
  private status?: number;
  /** Whether the caller reads the response while it comes. */
  private isHandedOver = false;

  constructor(private readonly settings: AttemptSettings) {
    const { options, state, stop } = settings;
    for (const signal of [options.signal, stop]) {
      if (!signal) continue;
      if (signal.aborted) this.stopping.abort(signal.reason);
      else this.releases.push(onAbort(signal, () => this.stopBecause(signal.reason)));
    }
    const timeUp = () => {
      this.isTimeUp = true;
      this.stopBecause();
    };
    this.releases.push(state.time.after(options.timeout * 1000, timeUp));
  }

  /** Stops the request. A turn whose response was handed over ends with it. */
  private stopBecause(reason?: unknown): void {
    this.stopping.abort(reason);
    if (this.isHandedOver) this.endTurn('unknown');
  }

  /** Nothing stops it any more. To be called when its response is read, or not wanted. */
  release(): void {
    for (const release of this.releases.splice(0)) release();
  }

  async send(): Promise<WireResponse> {
    const { context, connection, request, options, state } = this.settings;
    const { method, url, body } = request;
    const response = await sendOverWire({
      context,
      connection,
      request: {
        method,
        url,
        headers: requestHeaders(connection, request),
        body: body?.content,
        signal: this.stopping.signal,
      },
      timeout: options.timeout,
      state,
    });
    this.status = response.status;
    return response;
  }

  /** Reads a response to its end. @throws {BasetenError} if it is larger than memory should hold */
  async readWhole({ status, headers, body }: WireResponse): Promise<BasetenResponse> {
    const { bytes, isWhole } = await readUpTo(LARGEST_HELD_BYTES, body);
    const { subject, failureIn } = this.settings.request;
    const failure = isWhole ? failureIn?.(bytes) : hugeResponseFailure(subject, LARGEST_HELD_BYTES);
    if (failure) throw failure;
    return { status, headers, body: bytes };
  }

  /**
   * The caller reads the rest of the response. Its turn ends with that, or at the latest with the
   * run or the time limit.
   */
  handOver(): void {
    this.isHandedOver = true;
  }

  /** A response that was handed over is read, or not wanted any more. */
  endTurn(ending: 'answered' | 'unknown'): void {
    if (!this.isHandedOver) return;
    this.release();
    this.settings.turn.end(ending);
  }

  /** Whether it has ended, so that nothing may stop it any more. */
  get isOver(): boolean {
    return !this.isHandedOver;
  }

  /** @returns the failure that a streamed response begins with, if it does */
  failureIn(start: Buffer): BasetenError | undefined {
    return start.length === 0 ? undefined : this.settings.request.failureIn?.(start);
  }

  /** Says what a response means that is not a success. */
  async httpFailure({ status, headers, body }: WireResponse): Promise<Failed> {
    const { connection, request, state } = this.settings;
    const bytes = await readInTime(body, state.time.limit(LONGEST_FAILURE_MS));
    this.throwIfStopped();
    this.stopping.abort();
    const call = {
      subject: request.subject,
      api: request.key,
      secrets: secretsOf(connection),
      sentBytes: request.body?.content.length,
      now: state.time.now(),
    };
    const failure = httpFailure({ status, headers, body: bytes }, call);
    return { failure: status === 429 ? failure : this.unlessChanged(failure) };
  }

  /**
   * Says what an error on the way means.
   * @throws if the execution, or this attempt, was stopped; what is not about the network, without
   * the secrets
   */
  toFailure(error: unknown): Failed {
    this.throwIfStopped();
    if (error instanceof BasetenError) return { failure: error };
    const { connection, request, options } = this.settings;
    const { subject, url, startsWork, key } = request;
    const hasBegun = this.status !== undefined;
    if (startsWork && hasBegun) return { failure: lostRequestIdFailure(subject) };
    const wasSent = hasBegun || !wasNotOpened(error);
    if (wasSent && (this.isTimeUp || hasCode(error, FETCH_TIMEOUTS))) {
      return { failure: this.unlessChanged(timeoutFailure(options.timeout, subject, key)) };
    }
    if (!hasBegun && !isNetworkError(error))
      throw withoutSecretsIn(causeOf(error), secretsOf(connection));
    const { host } = new URL(url);
    const failure = connectionFailure(error, { host, subject, hasBegun });
    return { failure: wasSent ? this.unlessChanged(failure) : failure };
  }

  /** A change of the management API that may have been made is not sent again. */
  private unlessChanged(failure: BasetenError): BasetenError {
    const { key, method } = this.settings.request;
    const isUnknown = failure.isPassing || failure.kind === 'timeout';
    if (key !== 'management' || SAFE_METHODS.includes(method) || !isUnknown) return failure;
    const hint = `${failure.hint} ${MAYBE_CHANGED}`;
    return new BasetenError(failure.message, { ...failure, hint, isPassing: false });
  }

  private throwIfStopped(): void {
    this.settings.options.signal?.throwIfAborted();
    this.settings.stop?.throwIfAborted();
  }
}

/** Sends an attempt and reads its response to its end. @throws if it was stopped */
export async function readResponse(attempt: Attempt): Promise<BasetenResponse | Failed> {
  try {
    const response = await attempt.send();
    return response.status < 300
      ? await attempt.readWhole(response)
      : await attempt.httpFailure(response);
  } catch (error) {
    return attempt.toFailure(error);
  } finally {
    if (attempt.isOver) attempt.release();
  }
}

/**
 * Sends an attempt and hands its response over while it comes, if `isStreamed` says so.
 * @param heldBytes like that of a request
 * @throws if it was stopped
 */
export async function readStream(
  attempt: Attempt,
  isStreamed: (head: ResponseHead) => boolean,
  heldBytes: number | undefined,
): Promise<BasetenStream | Failed> {
  try {
    const response = await attempt.send();
    if (response.status >= 300) return await attempt.httpFailure(response);
    if (!isStreamed(response)) return await attempt.readWhole(response);
    const chunks = chunksOf(response.body, attempt);
    const { start, isWhole } = await readStart(heldBytes ?? 1, chunks);
    const failure = attempt.failureIn(start);
    if (failure) await chunks.return(undefined);
    if (failure) return { failure };
    if (isWhole && heldBytes !== undefined) return { ...response, body: start };
    attempt.handOver();
    return { ...response, body: followedBy(start, chunks) };
  } catch (error) {
    return attempt.toFailure(error);
  } finally {
    if (attempt.isOver) attempt.release();
  }
}

/** The chunks of a body. Who stops reading early closes the connection. */
async function* chunksOf(
  body: AsyncIterable<Uint8Array>,
  attempt: Attempt,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
    attempt.endTurn('answered');
  } catch (error) {
    throw attempt.toFailure(error).failure;
  } finally {
    attempt.endTurn('unknown');
  }
}

/** Error codes of the inference API's ErrorResponse. */
export type ErrorCode =
  | 'timeout'
  | 'client_error'
  | 'model_unavailable'
  | 'model_not_ready'
  | 'model_does_not_exist'
  | 'rate_limited'
  | 'payload_too_large'
  | 'unauthorized'
  | 'application_error'
  | 'internal_baseten_error';

/** ErrorResponse of the inference API, the body of every refusal. */
export interface ErrorBody {
  error: string;
  error_code: ErrorCode;
  detail?: string;
  /** Seconds to wait, as the management API gives them. */
  retry_after?: number;
}

/**
 * Where a refusal says how long to wait: in `Retry-After` as seconds or as a date, in the JSON body
 * as `retry_after`, or nowhere.
 */
export type PausePlace = 'header' | 'date' | 'body' | 'none';

/** Every `PausePlace`. */
export const PAUSE_PLACES: PausePlace[] = ['header', 'date', 'body', 'none'];

/** How long to wait before the next request. */
export interface Pause {
  seconds: number;
  place: PausePlace;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * An error response of Baseten itself, as opposed to a model's own. Routes throw it; the server
 * turns it into JSON.
 */
export class Refusal extends Error {
  readonly detail: string | undefined;
  readonly headers: Record<string, string>;
  private readonly retryAfter: number | undefined;

  /** `detail` goes into the body, `pause` where it says. */
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    { detail, pause }: { detail?: string; pause?: Pause } = {},
  ) {
    super(message);
    this.detail = detail;
    this.headers = pause ? pauseHeaders(pause) : {};
    this.retryAfter = pause?.place === 'body' ? pause.seconds : undefined;
  }

  /** The JSON body of the response. */
  body(): ErrorBody {
    return {
      error: this.message,
      error_code: this.code,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.retryAfter === undefined ? {} : { retry_after: this.retryAfter }),
    };
  }
}

function pauseHeaders({ place, seconds, now }: Pause): Record<string, string> {
  if (place === 'header') return { 'retry-after': String(seconds) };
  if (place === 'date') {
    // A date has whole seconds only: it must not come too early.
    const at = Math.ceil(now / 1000 + seconds) * 1000;
    return { 'retry-after': new Date(at).toUTCString() };
  }
  return {};
}

/**
 * The error code that goes with an HTTP status, for a simulated error that names only its status.
 */
export function codeForStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'model_does_not_exist';
  if (status === 413) return 'payload_too_large';
  if (status === 429) return 'rate_limited';
  if (status < 500) return 'client_error';
  if (status === 500) return 'application_error';
  if (status === 502) return 'internal_baseten_error';
  if (status === 504) return 'timeout';
  return 'model_unavailable';
}

/** A 400 that says what is wrong with the request. */
export const badRequest = (message: string, detail?: string) =>
  new Refusal(400, 'client_error', message, { detail });

/** A 404 that says what does not exist. */
export const notFound = (message: string, code: ErrorCode = 'model_does_not_exist') =>
  new Refusal(404, code, message);

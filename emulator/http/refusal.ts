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

export interface ErrorBody {
  error: string;
  error_code: ErrorCode;
  detail?: string;
}

/**
 * An answer that Baseten itself gives, as opposed to one of a model. Thrown by routes, turned into JSON by
 * the server.
 */
export class BasetenError extends Error {
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    readonly detail?: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  /** The JSON body of the answer. */
  body(): ErrorBody {
    return {
      error: this.message,
      error_code: this.code,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
    };
  }
}

/** The code that goes with an HTTP status, for an error made up on demand. */
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

export const badRequest = (message: string, detail?: string) =>
  new BasetenError(400, 'client_error', message, detail);

export const notFound = (message: string, code: ErrorCode = 'model_does_not_exist') =>
  new BasetenError(404, code, message);

// Decisions: docs/decisions.md, "One table holds every failure".

/**
 * One way in which a call can fail. People read these texts in n8n, and in the troubleshooting
 * table of docs/troubleshooting.md.
 */
export interface Failure {
  /** The reason, as the first column of the table names it. */
  cause: string;
  /**
   * What happened. Words in braces are filled in: `{subject}` is what was called, such as
   * `model abcd1234`.
   */
  title: string;
  /** What to do about it. */
  hint: string;
  /** Set if another attempt may succeed. The client then makes one. */
  isPassing?: true;
  /** The HTTP status of the response. */
  status?: number;
  /** Limits the row to the subjects that match, if other subjects get other texts. */
  about?: RegExp;
  /** Limits the row to requests of the management API. */
  api?: 'management';
  /** The error codes with which Node reports a connection that failed this way. */
  codes?: RegExp;
}

/**
 * Every failure that a call can meet. Order matters: the first row that fits a response or a
 * connection error is used.
 * @see https://docs.baseten.co/inference/troubleshooting
 */
export const FAILURES = {
  badRequest: {
    cause: '400',
    status: 400,
    title: 'Baseten could not read the request for {subject}',
    hint: 'Check the input against what the model expects.',
  },
  unauthorized: {
    cause: '401',
    status: 401,
    title: 'Baseten refused the API key',
    hint: 'Check the API key in the credential: it may be mistyped or revoked, or belong to another workspace. The key of a Frontier Gateway needs Custom endpoints with the Key Type Frontier Gateway.',
  },
  billing: {
    cause: '402',
    status: 402,
    title: 'Baseten refused the request because of billing',
    hint: 'Check the payment method and credits of the workspace in Baseten’s billing settings.',
  },
  mayNotManage: {
    cause: '403 of the management API',
    status: 403,
    api: 'management',
    title: 'The API key may not read or change {subject}',
    hint: 'This needs a key that may manage: a personal key, or a workspace key with full access, but not one for inference alone. Create one in Baseten under Settings → API keys and enter it as Management API Key in the credential.',
  },
  forbidden: {
    cause: '403',
    status: 403,
    title: 'The API key may not call {subject}',
    hint: 'Use a key with access to it: keys can be limited to inference, to an environment or to some models.',
  },
  noModelApi: {
    cause: '404 of a Model API',
    status: 404,
    about: /^Model API /,
    title: 'Baseten did not find {subject}',
    hint: 'Check the model’s name against the list. If the name is right, enable the Model API in Baseten: only enabled ones are found.',
  },
  noAsyncRequest: {
    cause: '404 of an async request',
    status: 404,
    about: /^async request /,
    title: 'Baseten did not find {subject}',
    hint: 'Check the request ID, and that it belongs to this model or chain. Baseten keeps a request only for an hour after its end.',
  },
  notFound: {
    cause: '404',
    status: 404,
    title: 'Baseten did not find {subject}',
    hint: 'Check the ID, the environment or deployment, and the route. A development deployment that is scaled to zero gives this status, too: wake it first with Model → Wake.',
  },
  tooLarge: {
    cause: '413',
    status: 413,
    title: 'The input for {subject} is too large for Baseten',
    hint: 'The limit is 256 KiB for async requests by default, and 100 MB for predictions. Send a link to the data instead of the data, or ask Baseten for a higher limit.',
  },
  refusedInput: {
    cause: '422',
    status: 422,
    title: '{subject} refused the input',
    hint: 'A field is missing or has the wrong type. Check the input against what the model expects.',
  },
  rateLimit: {
    cause: '429',
    status: 429,
    title: 'Baseten’s rate limit was reached for {subject}',
    hint: 'Set Requests per Minute in the options, lower Max Concurrency, or ask Baseten for a higher limit.',
    isPassing: true,
  },
  modelError: {
    cause: '500',
    status: 500,
    title: '{subject} raised an error',
    hint: 'Look for the cause in the deployment’s logs: Deployment → Get Logs.',
    isPassing: true,
  },
  crashed: {
    cause: '502',
    status: 502,
    title: 'The replica that ran {subject} crashed or could not be reached',
    hint: 'This is often a lack of memory. Look at the deployment’s logs and metrics: Deployment → Get Logs, Get Metrics.',
    isPassing: true,
  },
  unavailable: {
    cause: '503',
    status: 503,
    title: 'Baseten could not route the request to {subject}',
    hint: 'The deployment may be starting, draining or scaled to zero. Set Wake First in the options, use Model → Wake, or raise Max Retries.',
    isPassing: true,
  },
  tooSlow: {
    cause: '504',
    status: 504,
    title: '{subject} took longer than Baseten allows',
    hint: 'Predictions may take 20 minutes, async requests an hour. Use Submit Async for long work.',
    isPassing: true,
  },
  redirect: {
    cause: 'other 3xx',
    title:
      '{subject} responded with a redirect ({status}), which was not followed, so that the API key goes to no other host',
    hint: 'Give the final address: check the route (a slash too many or too few) and, with custom endpoints, the URLs in the credential.',
  },
  otherRefusal: {
    cause: 'other 4xx',
    title: '{subject} responded with status {status}',
    hint: 'Check the input, the ID, and the environment or deployment.',
  },
  otherError: {
    cause: 'other 5xx',
    title: '{subject} responded with status {status}',
    hint: 'Look at the deployment’s logs: Deployment → Get Logs.',
  },
  noHost: {
    cause: 'no such host',
    codes: /^ENOTFOUND$/,
    title: 'The host {host} was not found while calling {subject}',
    hint: 'Check the ID and, with custom endpoints, the URLs in the credential. If both are right, check this n8n’s DNS.',
    isPassing: true,
  },
  noNames: {
    cause: 'DNS failed',
    codes: /^EAI_/,
    title: 'The host name {host} could not be looked up while calling {subject}',
    hint: 'Check this n8n’s DNS and network, and try again.',
    isPassing: true,
  },
  refusedConnection: {
    cause: 'connection refused',
    codes: /^ECONNREFUSED$/,
    title: 'The host {host} refused the connection while calling {subject}',
    hint: 'Check the URLs in the credential, that a server runs there, and any firewall in between.',
    isPassing: true,
  },
  unreachable: {
    cause: 'host unreachable',
    codes: /^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|E(HOST|NET)UNREACH|E(HOST|NET)DOWN)$/,
    title: 'Could not connect to {host} while calling {subject}',
    hint: 'Check that this n8n can reach the host: its network, any firewall in between, and whether it must go through a proxy (Connection in the credential).',
    isPassing: true,
  },
  expiredCertificate: {
    cause: 'certificate expired',
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    title: 'The certificate of {host} is not valid at this time, so {subject} was not called',
    hint: 'Renew the certificate on the host, and check the clock of the machine that n8n runs on. Nothing was sent.',
  },
  otherCertificate: {
    cause: 'certificate of another host',
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    title: 'The certificate of {host} was issued for another host, so {subject} was not called',
    hint: 'Check the URLs in the credential: their host name must be one that the certificate names. Nothing was sent.',
  },
  unknownCertificate: {
    cause: 'certificate not trusted',
    codes: /SELF_SIGNED_CERT|^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|^CERT_/,
    title: 'This n8n does not trust the certificate of {host}, so {subject} was not called',
    hint: 'If a private gateway has its own certificate authority, set NODE_EXTRA_CA_CERTS for n8n’s process to the authority’s certificate. Nothing was sent.',
  },
  noTls: {
    cause: 'TLS failed',
    codes: /^(EPROTO$|ERR_SSL_|ERR_TLS_)/,
    title: 'Could not make a secure connection to {host} while calling {subject}',
    hint: 'Check the URLs in the credential: the server at this port may speak plain HTTP, or only other versions of TLS.',
  },
  hugeHeaders: {
    cause: 'more than 16 KB of headers',
    codes: /^(UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/,
    title: 'The response of {host} for {subject} has more headers than Node.js reads',
    hint: 'Let the model or the proxy in between send fewer, or set NODE_OPTIONS=--max-http-header-size=65536 for n8n’s process. The request itself may have run.',
  },
  unaskedContinue: {
    cause: '“100 Continue” that was not asked for',
    codes: /^UNASKED_CONTINUE$/,
    title:
      'The response of {host} for {subject} began with “100 Continue”, which was not asked for',
    hint: 'The request may have run, so it was not sent again. Until n8n restarts, requests to this host go through n8n’s HTTP client, which can read such responses. To use it from the start, choose it as Connection in the credential.',
  },
  notHttp: {
    cause: 'response is not HTTP',
    codes: /^HPE_/,
    title: 'The response of {host} for {subject} is not HTTP',
    hint: 'Check the URLs in the credential: this port may belong to another service, or speak HTTPS.',
  },
  lostConnection: {
    cause: 'connection lost, response cut off',
    title: 'The connection to {host} failed while calling {subject}',
    hint: 'It was closed before the response was complete. Try again. If it happens again, check the deployment’s logs and any proxy in between.',
    isPassing: true,
  },
  lostRequestId: {
    cause: 'submission taken, its request ID lost',
    title: '{subject} took the request, but the response with its request ID was lost',
    hint: 'It is not submitted again, since it would run twice. Its result still comes to the webhook. Without a webhook, look for it in Baseten.',
  },
  brokenStream: {
    cause: 'streamed response cut off',
    title: 'The response of {subject} broke off before its end',
    hint: 'The stream was cut while the model was answering. Try again. If it happens again, look at the deployment’s logs: Deployment → Get Logs.',
  },
  timeout: {
    cause: 'no response in time',
    title: 'No complete response from {subject} within {seconds} seconds',
    hint:
      'Raise Timeout in the options, wake the model first if it was scaled to zero, or use Submit Async for long work. ' +
      'Baseten may still be working on the request.',
  },
  slowManagement: {
    cause: 'no response in time from the management API',
    title: 'No complete response from {subject} within {seconds} seconds',
    hint: 'Raise Timeout in the options, or try again later.',
  },
  hugeResponse: {
    cause: 'response too large for memory',
    title: 'The response of {subject} is larger than {limit} MB, too large for text or JSON',
    hint: 'Let the model return a file, or a link to one. If it is a file already, choose File as Output Format.',
  },
  notJson: {
    cause: 'invalid or incomplete JSON',
    title: 'The response of {subject} is not complete JSON',
    hint: 'If the model returns text or a file, choose that as Output Format. If the response was cut off, try again.',
  },
  notBaseten: {
    cause: 'JSON of another kind',
    title: 'The response of {subject} does not look like one from Baseten',
    hint: 'Check that the credential’s URLs lead to Baseten.',
  },
} satisfies Record<string, Failure>;

/** What a failure's hint says in addition if the response is a web page. */
export const WEB_PAGE: Pick<Failure, 'cause' | 'hint'> = {
  cause: 'web page as the response',
  hint: 'The response is a web page, so it may come from a proxy or gateway in between, and not from Baseten.',
};

/**
 * An execution that was stopped. n8n looks for the word "canceled" to tell it from one that failed.
 */
export const STOPPED: Failure = {
  cause: 'execution stopped',
  title: 'The execution was canceled',
  hint: 'Somebody stopped it, or it reached the workflow’s own time limit. Requests in flight were aborted and nothing more was sent. Baseten may still finish the requests that it had received.',
};

const ROWS: Failure[] = Object.values(FAILURES);

/**
 * The longest `Retry-After` that the client waits for, in milliseconds. If a server asks for more,
 * the request fails at once, so that the person knows.
 */
export const LONGEST_RETRY_AFTER_MS = 120_000;

/**
 * Finds the texts for a response that is not a success.
 * @param status the response's HTTP status, 300 or more
 * @param subject what was called, such as `model abcd1234`
 * @param api `management` for a request of the management API
 * @returns the first row that fits both; a general one if none does
 */
export function failureOfStatus(status: number, subject: string, api?: Failure['api']): Failure {
  const row = ROWS.find(
    (candidate) =>
      candidate.status === status &&
      (candidate.about?.test(subject) ?? true) &&
      (candidate.api === undefined || candidate.api === api),
  );
  if (row) return row;
  if (status < 400) return FAILURES.redirect;
  return status < 500 ? FAILURES.otherRefusal : FAILURES.otherError;
}

/**
 * Finds the texts for a connection that failed.
 * @param code Node's error code, such as `ECONNRESET`, if there is one
 * @returns the first row that fits the code; `lostConnection` if none does
 */
export function failureOfConnection(code: string | undefined): Failure {
  return (
    ROWS.find(({ codes }) => code !== undefined && codes?.test(code)) ?? FAILURES.lostConnection
  );
}

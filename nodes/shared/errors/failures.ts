/** One way in which a call can fail: what people read about it, in n8n and in the README's troubleshooting table. */
export interface Failure {
  /** What is behind it, for the table. */
  cause: string;
  /** What happened. Words in braces are filled in: `{subject}` is what was called, such as `model abcd1234`. */
  title: string;
  /** What to do about it. */
  hint: string;
  /** Whether another attempt may fare better, and is made. */
  isPassing?: true;
  /** The status of the answer. */
  status?: number;
  /** What was called, where the failure is told in other words for it. */
  about?: RegExp;
  /** What Node says of a connection that failed this way. */
  codes?: RegExp;
}

/**
 * Every failure there is. For an answer or a connection the first row that fits is taken.
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
    hint: 'Check the API key in the credential: it may be mistyped, revoked or of another workspace.',
  },
  billing: {
    cause: '402',
    status: 402,
    title: 'Baseten refused the request because of billing',
    hint: 'Check the payment method and credits of the workspace in Baseten’s billing settings.',
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
    hint: 'Check the model’s name against the list, and enable the Model API in Baseten: one that is not enabled in the workspace is not found.',
  },
  noAsyncRequest: {
    cause: '404 of an async request',
    status: 404,
    about: /^async request /,
    title: 'Baseten did not find {subject}',
    hint: 'Check the request ID, and that it is of this model or chain. Baseten forgets a request an hour after its end.',
  },
  notFound: {
    cause: '404',
    status: 404,
    title: 'Baseten did not find {subject}',
    hint: 'Check the ID, the environment or deployment, and the route. A development deployment that is scaled to zero answers like this too: wake it first.',
  },
  tooLarge: {
    cause: '413',
    status: 413,
    title: 'The input for {subject} is too large for Baseten',
    hint: 'Async requests take 256 KiB by default and predictions 100 MB. Send a link to the data instead of the data, or ask Baseten for a higher limit.',
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
    hint: 'Look at the deployment’s logs in Baseten for the cause.',
    isPassing: true,
  },
  crashed: {
    cause: '502',
    status: 502,
    title: 'The replica that ran {subject} crashed or could not be reached',
    hint: 'This is often a lack of memory. Look at the deployment’s logs and metrics in Baseten.',
    isPassing: true,
  },
  unavailable: {
    cause: '503',
    status: 503,
    title: 'Baseten could not route the request to {subject}',
    hint: 'The deployment may be starting, draining or scaled to zero. Wake the model first, or raise Max Retries.',
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
      '{subject} answered with a redirect ({status}), which is not followed so that the API key stays where it is',
    hint: 'Give the final address: check the route (a slash too many or too few) and, with custom endpoints, the URLs in the credential.',
  },
  otherRefusal: {
    cause: 'other 4xx',
    title: '{subject} answered with status {status}',
    hint: 'Check the input and the addressing.',
  },
  otherError: {
    cause: 'other 5xx',
    title: '{subject} answered with status {status}',
    hint: 'Look at the deployment’s logs in Baseten.',
  },
  noHost: {
    cause: 'no such host',
    codes: /^ENOTFOUND$/,
    title: 'There is no host {host} to call {subject} at',
    hint: 'Check the ID and, with custom endpoints, the URLs in the credential. If both are right, check this n8n’s DNS.',
    isPassing: true,
  },
  noNames: {
    cause: 'DNS out of order',
    codes: /^EAI_/,
    title: 'The host name {host} could not be looked up while calling {subject}',
    hint: 'Check this n8n’s DNS and network, and try again.',
    isPassing: true,
  },
  refusedConnection: {
    cause: 'connection refused',
    codes: /^ECONNREFUSED$/,
    title: 'Nothing answers at {host}, where {subject} should be',
    hint: 'Check the URLs in the credential, and firewalls between.',
    isPassing: true,
  },
  unreachable: {
    cause: 'host unreachable',
    codes: /^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|E(HOST|NET)UNREACH|E(HOST|NET)DOWN)$/,
    title: 'No connection to {host} came about while calling {subject}',
    hint: 'Check that this n8n can reach the host: its network, firewalls between, and whether it must go through a proxy (Connection in the credential).',
    isPassing: true,
  },
  expiredCertificate: {
    cause: 'certificate expired',
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    title: 'The certificate of {host} is not valid at this time, so {subject} was not called',
    hint: 'Renew the certificate there, and check the clock of this n8n’s machine. Nothing was sent.',
  },
  otherCertificate: {
    cause: 'certificate of another host',
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    title: 'The certificate of {host} is made out to another host, so {subject} was not called',
    hint: 'Check the URLs in the credential: they must have the host name that the certificate has. Nothing was sent.',
  },
  unknownCertificate: {
    cause: 'certificate not trusted',
    codes: /SELF_SIGNED_CERT|^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|^CERT_/,
    title: 'The certificate of {host} is not one that this n8n trusts, so {subject} was not called',
    hint: 'A private gateway’s own certificate authority must be made known to n8n’s process (NODE_EXTRA_CA_CERTS). Nothing was sent.',
  },
  noTls: {
    cause: 'TLS failed',
    codes: /^(EPROTO$|ERR_SSL_|ERR_TLS_)/,
    title: 'No secure connection to {host} came about while calling {subject}',
    hint: 'Check the URLs in the credential: the port may be one that speaks plain http, or other versions of TLS.',
  },
  notHttp: {
    cause: 'answer is not HTTP',
    codes: /^HPE_/,
    title: 'What {host} answered for {subject} is not HTTP',
    hint: 'Check the URLs in the credential: the port may be another service’s, or one that speaks https.',
  },
  lostConnection: {
    cause: 'connection lost, answer cut off',
    title: 'The connection to {host} failed while calling {subject}',
    hint: 'It was closed before the answer was complete. Try again; if it persists, look at the deployment’s logs, and for proxies between.',
    isPassing: true,
  },
  brokenStream: {
    cause: 'streamed answer cut off',
    title: 'The answer of {subject} broke off before its end',
    hint: 'The stream was cut while the model was answering. Try again; if it persists, look at the deployment’s logs.',
  },
  timeout: {
    cause: 'no answer in time',
    title: 'No complete answer from {subject} within {seconds} seconds',
    hint:
      'Raise Timeout in the options, wake the model first if it was scaled to zero, or use Submit Async for long work. ' +
      'Baseten may still be working on the request.',
  },
  hugeAnswer: {
    cause: 'answer too large to hold',
    title: 'The answer of {subject} is larger than {limit} MB, too large for text or JSON',
    hint: 'Let the model answer with a file, or with a link to one. If it is a file already, choose File as Output Format.',
  },
  notJson: {
    cause: 'invalid or incomplete JSON',
    title: 'The answer of {subject} is not complete JSON',
    hint: 'If the model answers with text or a file, choose that as Output Format; if the answer was cut off, try again.',
  },
  notBaseten: {
    cause: 'JSON of another kind',
    title: 'The answer of {subject} is not what Baseten answers',
    hint: 'Check that the credential’s URLs lead to Baseten.',
  },
} satisfies Record<string, Failure>;

/** What is added where a web page came instead of an answer. */
export const WEB_PAGE: Pick<Failure, 'cause' | 'hint'> = {
  cause: 'web page as the answer',
  hint: 'A web page came, so a proxy or gateway on the way may have answered instead of Baseten.',
};

/** An execution that was stopped. By the word "canceled" n8n tells it from one that failed. */
export const STOPPED: Failure = {
  cause: 'execution stopped',
  title: 'The execution was canceled',
  hint: 'Somebody stopped it, or it reached the workflow’s own time limit. What was in flight was aborted and nothing more was sent; Baseten may still finish what had reached it.',
};

const ROWS: Failure[] = Object.values(FAILURES);

/** A server that asks for a longer pause than this gets no retry: the person should know instead. In milliseconds. */
export const LONGEST_RETRY_AFTER_MS = 120_000;

/** Statuses after which another attempt can help. */
export const RETRIED_STATUSES = ROWS.flatMap(({ status, isPassing }) =>
  status && isPassing ? [status] : [],
);

/** @param subject what was called */
export function failureOfStatus(status: number, subject: string): Failure {
  const row = ROWS.find(
    (candidate) => candidate.status === status && (candidate.about?.test(subject) ?? true),
  );
  if (row) return row;
  if (status < 400) return FAILURES.redirect;
  return status < 500 ? FAILURES.otherRefusal : FAILURES.otherError;
}

/** @param code what Node says of a connection, where it says something */
export function failureOfConnection(code: string | undefined): Failure {
  return (
    ROWS.find(({ codes }) => code !== undefined && codes?.test(code)) ?? FAILURES.lostConnection
  );
}

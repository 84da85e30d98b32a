import {
  causeOf,
  connectionFailure,
  isNetworkError,
} from '../../../../nodes/shared/errors/basetenError';
import { UserInputError } from '../../../../nodes/shared/errors/userInputError';

const coded = (code: string, more: object = {}) =>
  Object.assign(new Error('words'), { code, ...more });
const failedFetch = (cause: unknown) => new TypeError('fetch failed', { cause });

test.each([
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EPROTO',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'HPE_INVALID_CONSTANT',
  'Z_DATA_ERROR',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
])('%s is an error of the network, also as a cause', (code) => {
  expect(isNetworkError(coded(code))).toBe(true);
  expect(isNetworkError(failedFetch(coded(code)))).toBe(true);
});

test('an address that a firewall refuses is an error of the network', () => {
  expect(isNetworkError(coded('EPERM', { syscall: 'connect' }))).toBe(true);
});

test.each([
  coded('ERR_INVALID_CHAR'),
  coded('ERR_INVALID_URL'),
  coded('ENOENT', { syscall: 'open' }),
  coded('EACCES', { syscall: 'read' }),
  coded('UND_ERR_INVALID_ARG'),
  coded('UND_ERR_NOT_SUPPORTED'),
  coded('UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'),
  new TypeError('Headers.append: "Bearer" is an invalid header value.'),
  failedFetch(new Error('unknown scheme')),
  new RangeError('out of range'),
  undefined,
  'words',
])('%s is not', (error) => {
  expect(isNetworkError(error)).toBe(false);
});

describe('what is shown of an error that is not about the network', () => {
  test('words of ours, wherever they stand', () => {
    const ours = new UserInputError('The file was changed', 'Run it again.');
    expect(causeOf(failedFetch(ours))).toBe(ours);
  });

  test('words of n8n that say what to do', () => {
    const n8n = Object.assign(new Error('blocked'), { description: 'Ask your administrator.' });
    expect(causeOf(new Error('blocked', { cause: n8n }))).toBe(n8n);
  });

  test('the cause, if fetch says nothing by itself', () => {
    const cause = new Error('unknown scheme');
    expect(causeOf(failedFetch(cause))).toBe(cause);
    expect(causeOf(new TypeError('terminated', { cause }))).toBe(cause);
  });

  test('the error itself, if it has words or nothing else has', () => {
    const error = new Error('invalid', { cause: new Error('deeper') });
    expect(causeOf(error)).toBe(error);
    const empty = failedFetch(new Error(''));
    expect(causeOf(empty)).toBe(empty);
  });
});

test.each(['HPE_INVALID_CHUNK_SIZE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND'])(
  'once a response has begun, %s means that its connection was lost',
  (code) => {
    const call = { host: 'example.com', subject: 'model abc' };
    const { message: title } = connectionFailure(coded(code), { ...call, hasBegun: true });
    expect(title).toBe('The connection to example.com failed while calling model abc');
    expect(connectionFailure(coded(code), call).message).not.toBe(title);
  },
);

test.each(['UND_ERR_HEADERS_OVERFLOW', 'HPE_HEADER_OVERFLOW'])(
  'headers over the limit have the same words on both ways, and no repeat: %s',
  (code) => {
    const failure = connectionFailure(coded(code), { host: 'example.com', subject: 'model abc' });
    expect(failure.message).toBe(
      'The response of example.com for model abc has more headers than Node.js reads',
    );
    expect(failure.isPassing).toBeUndefined();
  },
);

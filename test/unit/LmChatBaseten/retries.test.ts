import { allowRetry } from '../../../nodes/LmChatBaseten/retries';

class APIConnectionError extends Error {}

const failure = (status?: number, retryAfter?: string) => ({
  status,
  headers: new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
});

test.each([429, 500, 502, 503, 504])('status %i may be repeated', (status) => {
  const error = failure(status);
  allowRetry(error);
  expect(error).toHaveProperty('retriesLeft', 1);
});

test('a lost connection may be repeated', () => {
  const error = new APIConnectionError('Connection error.');
  allowRetry(error);
  expect(error).toHaveProperty('retriesLeft', 1);
});

test.each([
  ['refused input', failure(400)],
  ['a refused key', failure(401)],
  ['a timeout', Object.assign(new Error('timed out'), { name: 'TimeoutError' })],
  ['a server that asks for a long pause', failure(429, '500')],
])('%s is final', (_, error) => {
  allowRetry(error);
  expect(error).not.toHaveProperty('retriesLeft');
});

test('waits no less than the server asks for', () => {
  const error = failure(429, '2');
  allowRetry(error);
  expect(error).toHaveProperty('retryAfterMs', 2000);
});

test('does not change retriesLeft if it is set', () => {
  const error = { ...failure(503), retriesLeft: 0 };
  allowRetry(error);
  expect(error.retriesLeft).toBe(0);
});

test.each([undefined, null, 'text'])('ignores %j, which is not the error of a request', (error) => {
  expect(() => allowRetry(error)).not.toThrow();
});

import { httpFailure } from '../../../nodes/shared/errors';

const failure = (status: number, body: string, headers: Record<string, string> = {}) =>
  httpFailure({ status, headers, body: Buffer.from(body) }, 'model abc', '');

test("Baseten's own words, code and request ID are kept", () => {
  const error = failure(404, '{"error":"Model not found","error_code":"model_does_not_exist","detail":"abc"}', {
    'x-baseten-request-id': 'r1',
  });
  expect(error).toMatchObject({
    message: 'Baseten found nothing to answer for model abc',
    detail: 'Model not found — abc',
    code: 'model_does_not_exist',
    requestId: 'r1',
    status: 404,
  });
});

test.each([
  ['a nested error', '{"error":{"message":"nope","type":"x"}}', 'nope'],
  ['a list', '["first","second"]', '["first","second"]'],
  ['a validation error', '{"detail":[{"loc":["body","text"],"msg":"missing"}]}', '{"detail":[{"loc":["body","text"],"msg":"missing"}]}'],
  ['a text', 'upstream connect error', 'upstream connect error'],
  ['a JSON text', '"short"', 'short'],
  ['an HTML page', '<html><head><title>502 Bad Gateway</title></head><body>…</body></html>', '502 Bad Gateway'],
  ['an HTML page without a title', '<!DOCTYPE html><p>x</p>', undefined],
  ['nothing', '', undefined],
])('%s is told in words', (_name, body, detail) => {
  expect(failure(502, body).detail).toBe(detail);
});

test('a long answer is cut', () => {
  expect(failure(500, 'x'.repeat(5000)).detail).toHaveLength(1001);
});

test.each([400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504, 418, 599, 301])(
  'status %i has a title and a hint, and no placeholder is left in them',
  (status) => {
    const { message, hint } = failure(status, '');
    expect(message).toMatch(/^[A-Z]/);
    expect(hint).toMatch(/\.$/);
    expect(message + hint).not.toMatch(/[{}]/);
  },
);

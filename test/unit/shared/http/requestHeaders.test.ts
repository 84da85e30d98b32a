import { toConnection } from '../../../../nodes/shared/connection/connection';
import { requestHeaders } from '../../../../nodes/shared/http/requestHeaders';

const connection = toConnection({ apiKey: 'key-123', managementApiKey: 'manage-456' });
const body = (contentType: string) => ({ content: Buffer.from('x'), contentType });

test('a request carries its key, and asks for a response that is not packed', () => {
  expect(requestHeaders(connection, { body: body('text/plain') })).toStrictEqual({
    Authorization: 'Bearer key-123',
    'User-Agent': expect.stringMatching(/^n8n-nodes-baseten\/\d/),
    Accept: '*/*',
    'Accept-Encoding': 'identity',
    'Content-Type': 'text/plain',
  });
});

test('a request to the management API carries the key for it', () => {
  const headers = requestHeaders(connection, { key: 'management', accept: 'application/json' });
  expect(headers).toMatchObject({ Authorization: 'Bearer manage-456', Accept: 'application/json' });
});

test('the keys for a Frontier Gateway are sent as Api-Key', () => {
  const gateway = toConnection({
    ...{ apiKey: 'key-123', managementApiKey: 'manage-456' },
    ...{ endpoints: 'custom', authorization: 'apiKey' },
  });
  expect(requestHeaders(gateway, {}).Authorization).toBe('Api-Key key-123');
  const { Authorization } = requestHeaders(gateway, { key: 'management' });
  expect(Authorization).toBe('Api-Key manage-456');
});

test('a body that is read while it is sent has its length in the head', () => {
  const content = { length: 7, open: async () => (async function* () {})() };
  const headers = requestHeaders(connection, { body: { content, contentType: 'image/png' } });
  expect(headers).toMatchObject({ 'Content-Type': 'image/png', 'Content-Length': '7' });
});

test.each([
  ['text/plain\r\nx-a: 1', 'a line break (U+000D) as character 11'],
  ['text/plain; a=ü', 'the character ü (U+00FC) as character 15'],
  ['😀\u200b', 'the character 😀 (U+1F600) as character 1'],
  ['a\0', 'an invisible character (U+0000) as character 2'],
])('a header of %j is refused before either way gets it', (contentType, words) => {
  expect(() => requestHeaders(connection, { body: body(contentType) })).toThrow(
    `The header Content-Type has ${words}`,
  );
});

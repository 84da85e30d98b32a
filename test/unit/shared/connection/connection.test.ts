import {
  toConnection,
  toConnectionWithKey,
  unprotectedUrls,
} from '../../../../nodes/shared/connection/connection';

test('a credential without the newer fields gets their defaults; custom URLs count only for custom endpoints', () => {
  expect(toConnection({ apiKey: ' k ' })).toStrictEqual({
    apiKey: 'k',
    managementKey: 'k',
    webhookSecrets: [],
    keyScheme: 'Bearer',
    endpoints: {
      deploymentUrl: 'https://{kind}-{id}.api.baseten.co',
      modelApiUrl: 'https://inference.baseten.co/v1',
      managementUrl: 'https://api.baseten.co',
    },
    client: 'auto',
  });
  const custom = {
    apiKey: 'k',
    webhookSecret: 'whsec_a, whsec_b,',
    managementUrl: 'https://m.example.com',
  };
  expect(toConnection({ ...custom, endpoints: 'baseten' }).endpoints.managementUrl).toBe(
    'https://api.baseten.co',
  );
  expect(toConnection({ ...custom, endpoints: 'custom' })).toMatchObject({
    webhookSecrets: ['whsec_a', 'whsec_b'],
    endpoints: {
      managementUrl: 'https://m.example.com',
      modelApiUrl: 'https://inference.baseten.co/v1',
    },
  });
});

test.each([
  ['http://gateway.example/{kind}-{id}', true],
  ['http://{kind}-{id}.gateway.example', true],
  ['http://10.0.0.5:8080', true],
  ['http://127.0.0.1.example', true],
  ['https://gateway.example/{id}', false],
  ['http://127.0.0.1:1234/{id}', false],
  ['http://localhost', false],
  ['http://[::1]:80', false],
  ['no address', false],
])('%s sends the key unencrypted to another machine: %s', (deploymentUrl, isUnprotected) => {
  const { endpoints } = toConnection({ endpoints: 'custom', deploymentUrl });
  expect(unprotectedUrls(endpoints)).toStrictEqual(isUnprotected ? ['Deployment URL'] : []);
});

test.each([
  ['ab\u200bcd', 'has a zero-width space (U+200B) as character 3'],
  ['abcd\u200b', 'has a zero-width space (U+200B) as character 5'],
  ['“abcd”', 'has a curly quote (U+201C) as character 1'],
  ['ab\ncd', 'has a line break (U+000A) as character 3'],
  ['ab\r\ncd', 'has a line break (U+000D) as character 3'],
  ['ab cd', 'has a space (U+0020) as character 3'],
  ['ab\u00a0cd', 'has a no-break space (U+00A0) as character 3'],
  ['ab–cd', 'has a dash (U+2013) as character 3'],
  ['abé', 'has the character é (U+00E9) as character 3'],
  ['ab\u202ecd', 'has an invisible character (U+202E) as character 3'],
  ['a😀b', 'has the character 😀 (U+1F600) as character 2'],
  ['a\ud800', 'has an invisible character (U+D800) as character 2'],
])('a key that no request can carry is refused without being shown: %j', (apiKey, words) => {
  const read = () => toConnectionWithKey({ apiKey });
  expect(read).toThrow(`The credential’s API key ${words}`);
  expect(read).toThrow(expect.objectContaining({ hint: expect.not.stringContaining(apiKey) }));
});

test.each([' AbCd1234.eFgH5678-_~+/= ', '\ufeffabcd\n'])('a key may be %j', (apiKey) => {
  expect(toConnectionWithKey({ apiKey }).apiKey).toBe(apiKey.trim());
});

test('the management API has a key of its own if the credential has one', () => {
  expect(toConnection({ apiKey: 'k', managementApiKey: ' m ' })).toMatchObject({
    apiKey: 'k',
    managementKey: 'm',
  });
  expect(toConnection({ apiKey: 'k', managementApiKey: ' ' }).managementKey).toBe('k');
  expect(() => toConnectionWithKey({ apiKey: 'k', managementApiKey: 'a b' })).toThrow(
    'The credential’s Management API Key has a space (U+0020) as character 2',
  );
});

test('the key of a Frontier Gateway is sent as Api-Key, with custom endpoints alone', () => {
  const scheme = (credential: Record<string, string>) =>
    toConnectionWithKey({ apiKey: 'k', authorization: 'apiKey', ...credential }).keyScheme;
  expect(scheme({ endpoints: 'custom' })).toBe('Api-Key');
  expect(scheme({ endpoints: 'custom', authorization: 'bearer' })).toBe('Bearer');
  expect(scheme({ endpoints: 'baseten' })).toBe('Bearer');
  expect(scheme({})).toBe('Bearer');
});

test.each([
  [
    'authorization',
    'ApiKey',
    `The credential’s Key Type can't be "ApiKey"`,
    '"bearer" and "apiKey"',
  ],
  ['endpoints', 'Custom', `The credential’s Endpoints can't be "Custom"`, '"baseten" and "custom"'],
  ['endpoints', true, `The credential’s Endpoints can't be true`, '"baseten" and "custom"'],
  ['connection', 'N8N', `The credential’s Connection can't be "N8N"`, '"auto" and "n8n"'],
])('%s of %j is refused, since the key would go to another place', (name, value, words, values) => {
  const read = () => toConnectionWithKey({ apiKey: 'k', [name]: value });
  expect(read).toThrow(words);
  expect(read).toThrow(expect.objectContaining({ hint: expect.stringContaining(values) }));
});

test.each([undefined, null, '', 'baseten'])('endpoints of %j are those of Baseten', (endpoints) => {
  const credential = { apiKey: 'k', endpoints, managementUrl: 'https://m.example.com' } as never;
  expect(toConnectionWithKey(credential).endpoints.managementUrl).toBe('https://api.baseten.co');
});

test('a credential without a key is refused if a key is needed', () => {
  expect(() => toConnectionWithKey({ apiKey: ' ' })).toThrow('The credential has no API key');
});

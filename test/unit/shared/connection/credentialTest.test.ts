import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';

import { basetenWorkspaceTest } from '../../../../nodes/shared/connection/credentialTest';

interface Sent {
  uri: string;
  headers: Record<string, string>;
}

const MODELS = 'https://inference.baseten.co/v1/models';
const USER = 'https://api.baseten.co/v1/users/me';

/** Tests a credential against servers that give these statuses by URL, or fail to connect. */
async function tested(
  data: ICredentialDataDecryptedObject,
  statuses: Record<string, number | Error> = {},
) {
  const sent: Sent[] = [];
  const request = async (options: Sent) => {
    sent.push(options);
    const given = statuses[options.uri] ?? 200;
    if (given instanceof Error) throw given;
    return { statusCode: given };
  };
  const context = { helpers: { request } } as unknown as ICredentialTestFunctions;
  const credential = { id: '1', name: 'Baseten', type: 'basetenWorkspaceApi', data };
  return { ...(await basetenWorkspaceTest.call(context, credential)), sent };
}

test.each([200, 403, 404, 402, 429])(
  'a key that Baseten knows is a good one, whatever it may do (%i)',
  async (status) => {
    const { status: result, sent } = await tested({ apiKey: 'key-123' }, { [MODELS]: status });
    expect(result).toBe('OK');
    expect(sent).toMatchObject([{ uri: MODELS, headers: { Authorization: 'Bearer key-123' } }]);
  },
);

test.each([
  [
    'a key that Baseten refuses',
    { apiKey: 'key-123' },
    { [MODELS]: 401 },
    'Baseten refused this API key. Check that',
  ],
  ['no key', {}, {}, 'The credential has no API key.'],
  ['a key with a space', { apiKey: 'key 123' }, {}, 'The credential’s API key has a space'],
  [
    'a server that fails',
    { apiKey: 'key-123' },
    { [MODELS]: 503 },
    'Baseten responded with status 503, so the API key could not be tested.',
  ],
  [
    'a URL that is none',
    { apiKey: 'key-123', endpoints: 'custom', modelApiUrl: 'here' },
    {},
    "The credential’s Model API URL can't be used",
  ],
  [
    'a webhook secret without its beginning',
    { apiKey: 'key-123', webhookSecret: 'whsec_a, sec_b' },
    {},
    'A webhook secret does not begin with whsec_.',
  ],
  [
    'a management key that Baseten refuses',
    { apiKey: 'key-123', managementApiKey: 'manage-456' },
    { [USER]: 401 },
    'Baseten refused this Management API Key.',
  ],
])('%s fails, and the reason is said', async (_, data, statuses, words) => {
  const result = await tested(data as ICredentialDataDecryptedObject, statuses);
  expect(result.status).toBe('Error');
  expect(result.message).toContain(words);
});

test('a server that can’t be reached fails, and the key is not shown', async () => {
  const failure = Object.assign(new Error('connect ECONNREFUSED key-123'), {
    code: 'ECONNREFUSED',
  });
  const result = await tested({ apiKey: 'key-123-456' }, { [MODELS]: failure });
  expect(result.status).toBe('Error');
  expect(result.message).toContain('inference.baseten.co');
  expect(result.message).not.toContain('key-123');
});

test('a management key of its own is tried, too, where it is used', async () => {
  const data = { apiKey: 'key-123', managementApiKey: 'manage-456', webhookSecret: 'whsec_a' };
  const { status, sent } = await tested(data, { [USER]: 403 });
  expect(status).toBe('OK');
  expect(sent.map(({ uri, headers }) => [uri, headers.Authorization])).toStrictEqual([
    [MODELS, 'Bearer key-123'],
    [USER, 'Bearer manage-456'],
  ]);
});

test('the key of a Frontier Gateway is tried as Api-Key', async () => {
  const data = { apiKey: 'key-123', endpoints: 'custom', authorization: 'apiKey' };
  const { status, sent } = await tested(data, { [MODELS]: 404 });
  expect(status).toBe('OK');
  expect(sent.map(({ headers }) => headers.Authorization)).toStrictEqual(['Api-Key key-123']);
});

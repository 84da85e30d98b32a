import { toConnection, unprotectedUrls } from '../../../../nodes/shared/connection/connection';

test('a credential without the newer fields gets their defaults; custom URLs count only for custom endpoints', () => {
  expect(toConnection({ apiKey: ' k ' })).toStrictEqual({
    apiKey: 'k',
    webhookSecrets: [],
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

import { toConnection } from '../../../nodes/shared/connection';

test('a credential without the newer fields gets their defaults; custom URLs count only when custom', () => {
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
  const custom = { apiKey: 'k', webhookSecret: 'whsec_a, whsec_b,', managementUrl: 'https://m.example.com' };
  expect(toConnection({ ...custom, endpoints: 'baseten' }).endpoints.managementUrl).toBe('https://api.baseten.co');
  expect(toConnection({ ...custom, endpoints: 'custom' })).toMatchObject({
    webhookSecrets: ['whsec_a', 'whsec_b'],
    endpoints: { managementUrl: 'https://m.example.com', modelApiUrl: 'https://inference.baseten.co/v1' },
  });
});

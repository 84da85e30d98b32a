import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type N8n, startN8n } from '../../host/n8n/n8n';
import { publishCalled } from '../../host/n8n/webhookRun';
import { installedHost } from '../support/installedHost';

const MINUTE = 60_000;
const ON = { N8N_SSRF_PROTECTION_ENABLED: 'true' };

/** How n8n can be told where its nodes may connect, and which way then leads to this machine. */
const POLICIES: Array<{ name: string; env: Record<string, string>; way?: 'fetch' | 'n8n' }> = [
  { name: 'no policy', env: {}, way: 'fetch' },
  { name: 'n8n’s default policy', env: ON },
  {
    name: 'a policy that blocks other ranges than the default one',
    env: { ...ON, N8N_SSRF_BLOCKED_IP_RANGES: '127.0.0.0/8,::1/128,10.0.0.0/8' },
  },
  {
    name: 'a policy that allows 169.254.169.254',
    env: { ...ON, N8N_SSRF_ALLOWED_IP_RANGES: '169.254.169.254/32' },
  },
  {
    name: 'a policy that allows this machine',
    env: { ...ON, N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.0/8' },
    way: 'n8n',
  },
];

/** An internal service. */
let service: Server;
let url: string;
/** The way on which each request came to it. Only `fetch` sends such a header. */
const ways: string[] = [];

beforeAll(async () => {
  service = createServer((request, response) => {
    ways.push(request.headers['sec-fetch-mode'] ? 'fetch' : 'n8n');
    request.resume();
    response.setHeader('content-type', 'application/json').end('{"internal":true}');
  });
  await once(service.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});

afterAll(() => {
  service.closeAllConnections();
  service.close();
});

describe.each(POLICIES)('with $name', ({ env, way }) => {
  let n8n: N8n;
  beforeAll(async () => {
    ways.length = 0;
    n8n = await startN8n({ host: await installedHost(), env });
  }, 20 * MINUTE);
  afterAll(async () => await n8n?.stop(), MINUTE);

  const predict = async (host: string) => {
    const data = {
      apiKey: 'key-12345678',
      endpoints: 'custom',
      deploymentUrl: `${host}/{kind}-{id}`,
    };
    const type = 'basetenWorkspaceApi';
    const credential = await n8n.api.createCredential({ name: host, type, data });
    const called = await publishCalled(n8n, `Call ${host}`, [PREDICT], credential);
    const { run } = await called.run();
    return run.items('Predict').map(({ json }) => json);
  };

  if (way) {
    test(
      `a service on this machine is reached, and through ${way} alone`,
      async () => {
        expect(await predict(url)).toStrictEqual([{ internal: true }]);
        expect(ways).toStrictEqual([way]);
      },
      2 * MINUTE,
    );
    return;
  }

  test.each([
    ['by its address', () => url],
    ['by its name', () => url.replace('127.0.0.1', 'localhost')],
  ])(
    'a service on this machine is not reached %s, and n8n’s own words say why',
    async (_, address) => {
      const failure = await predict(address()).then(
        () => 'nothing',
        (error: Error) => error.message,
      );
      expect(failure).toContain(
        'The request was blocked because it resolves to a restricted IP address',
      );
      expect(failure).toContain('ask your n8n administrator');
      expect(ways).toStrictEqual([]);
    },
    2 * MINUTE,
  );
});

const PREDICT = {
  name: 'Predict',
  type: 'n8n-nodes-baseten.baseten',
  typeVersion: 1,
  parameters: {
    resource: 'model',
    operation: 'predict',
    modelId: { __rl: true, mode: 'id', value: 'abcd1234' },
    inputMode: 'json',
    input: '{}',
  },
  credentials: { basetenWorkspaceApi: { id: '', name: 'Baseten' } },
};

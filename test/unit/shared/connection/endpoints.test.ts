import {
  actionUrl,
  asyncRequestUrl,
  BASETEN_ENDPOINTS,
  managementUrl,
  modelApiUrl,
  readinessUrl,
  routeUrl,
  type Target,
} from '../../../../nodes/shared/connection/endpoints';

const model = { kind: 'model', id: 'abcd1234' } as const;
const production: Target = { type: 'production' };
const development: Target = { type: 'development' };
const custom = {
  ...BASETEN_ENDPOINTS,
  deploymentUrl: 'https://gateway.example.com/baseten/{kind}-{id}/',
};

test.each<[Target, string]>([
  [production, 'https://model-abcd1234.api.baseten.co/production/predict'],
  [{ type: 'development' }, 'https://model-abcd1234.api.baseten.co/development/predict'],
  [
    { type: 'environment', environment: 'staging' },
    'https://model-abcd1234.api.baseten.co/environments/staging/predict',
  ],
  [
    { type: 'environment', environment: 'my env' },
    'https://model-abcd1234.api.baseten.co/environments/my%20env/predict',
  ],
  [
    { type: 'deployment', deploymentId: 'q1w2' },
    'https://model-abcd1234.api.baseten.co/deployment/q1w2/predict',
  ],
  [
    { type: 'regional', environment: 'prod-us' },
    'https://model-abcd1234-prod-us.api.baseten.co/predict',
  ],
])('a model is called at its host: %j', (target, url) => {
  expect(actionUrl(BASETEN_ENDPOINTS, model, target, 'predict')).toBe(url);
});

test('a chain has a host of its own', () => {
  expect(actionUrl(BASETEN_ENDPOINTS, { kind: 'chain', id: 'xyz' }, production, 'run_remote')).toBe(
    'https://chain-xyz.api.baseten.co/production/run_remote',
  );
});

test('custom endpoints keep their path, and a regional environment follows the ID', () => {
  expect(actionUrl(custom, model, { type: 'regional', environment: 'eu' }, 'wake')).toBe(
    'https://gateway.example.com/baseten/model-abcd1234-eu/wake',
  );
});

test('an async request has no target in its path', () => {
  expect(asyncRequestUrl(BASETEN_ENDPOINTS, model, 'r-1')).toBe(
    'https://model-abcd1234.api.baseten.co/async_request/r-1',
  );
});

test('spaces around an ID are not part of it', () => {
  expect(asyncRequestUrl(BASETEN_ENDPOINTS, { kind: 'model', id: ' abc\n' }, ' r1 ')).toBe(
    'https://model-abc.api.baseten.co/async_request/r1',
  );
});

test.each([
  ['/items/1', 'items/1'],
  ['items/1/', 'items/1/'],
  ['', ''],
  ['/a b/ü', 'a%20b/%C3%BC'],
  ['/%2e%2e/x', '%252e%252e/x'],
  ['/items?limit=3&q=a b', 'items?limit=3&q=a+b'],
  ['/items??q=a?b', 'items?%3Fq=a%3Fb'],
])('route %j is encoded once, segment by segment', (route, encoded) => {
  expect(routeUrl(BASETEN_ENDPOINTS, { owner: model, target: development, route })).toBe(
    `https://model-abcd1234.api.baseten.co/development/sync/${encoded}`,
  );
});

test('routes of production stand under its environment, as documented', () => {
  expect(
    routeUrl(BASETEN_ENDPOINTS, {
      owner: model,
      target: production,
      route: '/health',
      queryParameters: [{ name: 'a', value: { b: 1 } }],
    }),
  ).toBe(
    'https://model-abcd1234.api.baseten.co/environments/production/sync/health?a=%7B%22b%22%3A1%7D',
  );
});

test('readiness is read from the environment or the deployment', () => {
  const urls = (
    [
      production,
      { type: 'regional', environment: 'eu' },
      { type: 'development' },
      { type: 'deployment', deploymentId: 'd1' },
    ] as Target[]
  ).map((target) => readinessUrl(BASETEN_ENDPOINTS, 'abc', target));
  expect(urls).toStrictEqual([
    'https://api.baseten.co/v1/models/abc/environments/production',
    'https://api.baseten.co/v1/models/abc/environments/eu',
    'https://api.baseten.co/v1/models/abc/deployments/development',
    'https://api.baseten.co/v1/models/abc/deployments/d1',
  ]);
});

test.each([
  ...[
    'https://user:pass@gateway.example.com/{id}',
    'https://:pass@gateway.example.com/{id}',
    'ftp://x/{id}',
    'https://x/{id}?a=1',
    '{id}',
    'https://{id',
  ],
  // A path behind these would get lost, though a URL parser finds no query, fragment or path in
  // them.
  ...[
    'https://x/{id}?',
    'https://x/{id}#',
    'https://x/{id}\\',
    'https://x/{id}\u0000',
    'https://x/{i d}/{id}',
  ],
  // Nothing else is filled in.
  ...['https://x/{id}/{env}', 'https://x/{id}/{', 'https://x/{id}}'],
])('base URL %j is refused', (deploymentUrl) => {
  expect(() => actionUrl({ ...custom, deploymentUrl }, model, production, 'predict')).toThrow(
    /Deployment URL/,
  );
});

test.each([
  ...['https://{id}', 'https:{id}', 'https:/{id}/x', 'https:///{id}', 'https://{kind}-{id}'],
  ...[
    'https://gateway.{id}:8443/x',
    'https://{id}-x.y',
    'https://x{id}.com/',
    'https://{id}.co.uk',
  ],
  ...['https://gateway.example.com{id}/', 'https://gateway。{id}', 'https://{id}.com./x'],
  ...['https://10.0.0.{id}', 'https://10.0.{id}.1/x', 'https://{id}.internal'],
  ...['https://{id}.me.uk', 'https://{id}.ne.jp', 'https://{kind}-{id}.ngrok.io/x'],
  ...['https://{id}.github.io', 'https://{id}.ngrok-free.app.', 'https://{id}.NGROK.IO'],
])('an ID may not choose the host: %s', (deploymentUrl) => {
  for (const id of ['abc', '7', 'evil-1'])
    expect(() => asyncRequestUrl({ ...custom, deploymentUrl }, { kind: 'model', id }, 'r')).toThrow(
      /would let an ID choose the host|can't be used as a base URL/,
    );
});

test.each([
  ['https://{kind}-{id}.api.baseten.co', 'https://model-abcd1234.api.baseten.co'],
  ['https://{id}.example.com/{kind}', 'https://abcd1234.example.com/model'],
  ['https://{id}.example.co.uk', 'https://abcd1234.example.co.uk'],
  ['https://{id}.models.example.com.', 'https://abcd1234.models.example.com.'],
  ['https://{id}.mine.ngrok.io', 'https://abcd1234.mine.ngrok.io'],
  ['http://{id}.localhost:4010', 'http://abcd1234.localhost:4010'],
  ['http://10.0.0.5:8080/{id}', 'http://10.0.0.5:8080/abcd1234'],
  ['http://[::1]/{id}', 'http://[::1]/abcd1234'],
  ['https://gateway/{id}', 'https://gateway/abcd1234'],
])('an ID may be part of a host or a path: %s', (deploymentUrl, base) => {
  expect(asyncRequestUrl({ ...custom, deploymentUrl }, model, 'r')).toBe(`${base}/async_request/r`);
});

test.each(['https://{id}.example.com', 'https://x/{kind}/v1', 'https://x/v1/}', 'https://{'])(
  'only the Deployment URL has an ID in it: %s',
  (url) => {
    const endpoints = { ...custom, managementUrl: url, modelApiUrl: url };
    expect(() => managementUrl(endpoints, 'models')).toThrow(
      "The credential’s Management URL can't be used as a base URL",
    );
    expect(() => modelApiUrl(endpoints, '/models')).toThrow(
      "The credential’s Model API URL can't be used as a base URL",
    );
  },
);

test.each(['https://api.baseten.co//', 'https://api.baseten.co'])(
  'slashes at the end of a base URL are not doubled: %s',
  (url) => {
    expect(managementUrl({ ...custom, managementUrl: url }, 'models')).toBe(
      'https://api.baseten.co/v1/models',
    );
  },
);

test.each(['a/b', 'a\\b', '..', '.', 'a?b', 'a#b', 'a%2fb', 'a\u0000b', ' ', '\ud800'])(
  'environment %j is refused, and no URL is made',
  (environment) => {
    expect(() =>
      actionUrl(BASETEN_ENDPOINTS, model, { type: 'environment', environment }, 'predict'),
    ).toThrow(/Environment/);
  },
);

test('a query parameter without a value is left out', () => {
  const query = [undefined, null, '', 0, false].map((value, index) => ({
    name: `q${index}`,
    value,
  }));
  expect(
    routeUrl(BASETEN_ENDPOINTS, {
      owner: model,
      target: development,
      route: '/items',
      queryParameters: query,
    }),
  ).toBe('https://model-abcd1234.api.baseten.co/development/sync/items?q2=&q3=0&q4=false');
});

test.each(['a.b', 'a/b', 'a@b', 'a:80', '-a', 'a-', 'ä', 'xn--a', ''])(
  'model ID %j is refused',
  (id) => {
    expect(() =>
      actionUrl(BASETEN_ENDPOINTS, { kind: 'model', id }, production, 'predict'),
    ).toThrow(/Model ID/);
  },
);

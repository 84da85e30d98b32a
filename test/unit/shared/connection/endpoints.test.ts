import {
  actionUrl,
  asyncRequestUrl,
  BASETEN_ENDPOINTS,
  managementUrl,
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
  ...['https://{id}', 'https://gateway.{id}:8443/x'],
])('base URL %j is refused', (deploymentUrl) => {
  expect(() => actionUrl({ ...custom, deploymentUrl }, model, production, 'predict')).toThrow(
    /Deployment URL/,
  );
});

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

import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';

import fc from 'fast-check';

import {
  actionUrl,
  asyncRequestUrl,
  BASETEN_ENDPOINTS,
  managementUrl,
  modelApiUrl,
  routeUrl,
  type Action,
  type Owner,
  type Target,
} from '../../../nodes/shared/connection/endpoints';
import { UserInputError } from '../../../nodes/shared/errors/userInputError';
import { parseWebhookUrl } from '../../../nodes/shared/webhook/url';
import {
  anyName,
  hostileText,
  isBroken,
  isControl,
  isHostName,
  isStep,
  plainName,
} from '../hostile';
import { property, type Outcome } from '../property';

/** Templates of deployment URLs, and the host and path that they give for a kind and a name. */
const TEMPLATES: Array<{
  url: string;
  host: (kind: string, name: string) => string;
  path: (kind: string, name: string) => string[];
}> = [
  {
    url: BASETEN_ENDPOINTS.deploymentUrl,
    host: (kind, name) => `${kind}-${name}.api.baseten.co`,
    path: () => [],
  },
  {
    url: 'https://gateway.example.com:8443/b/{kind}-{id}/',
    host: () => 'gateway.example.com:8443',
    path: (kind, name) => ['b', `${kind}-${name}`],
  },
  {
    url: 'https://{id}.models.example.com/{kind}',
    host: (_, name) => `${name}.models.example.com`,
    path: (kind) => [kind],
  },
];

const owner: fc.Arbitrary<Owner> = fc.record({
  kind: fc.constantFrom('model', 'chain'),
  id: anyName,
});
const target: fc.Arbitrary<Target> = fc.oneof(
  fc.constant<Target>({ type: 'production' }),
  fc.constant<Target>({ type: 'development' }),
  anyName.map((environment): Target => ({ type: 'environment', environment })),
  anyName.map((deploymentId): Target => ({ type: 'deployment', deploymentId })),
  anyName.map((environment): Target => ({ type: 'regional', environment })),
);
const place = fc.record({ template: fc.constantFrom(...TEMPLATES), owner, target });
type Place = typeof place extends fc.Arbitrary<infer Value> ? Value : never;

/** The host and path that a call must go to, or `undefined` if it must be refused. */
function expectedPlace({
  template,
  owner: { kind, id },
  target: at,
}: Place): { host: string; path: string[] } | undefined {
  const names = [id.trim(), ...(at.type === 'regional' ? [at.environment.trim()] : [])];
  if (!names.every(isHostName)) return undefined;
  const name = names.join('-');
  const step =
    'environment' in at
      ? at.environment.trim()
      : 'deploymentId' in at
        ? at.deploymentId.trim()
        : 'fixed';
  if (!isStep(step)) return undefined;
  const steps: Record<Target['type'], string[]> = {
    production: ['production'],
    development: ['development'],
    environment: ['environments', step],
    deployment: ['deployment', step],
    regional: [],
  };
  return {
    host: template.host(kind, name).toLowerCase(),
    path: [...template.path(kind, name), ...steps[at.type]],
  };
}

/**
 * Parsers differ in how they show bytes that are not UTF-8. What counts is that the bytes stay in
 * their name or value.
 */
function known(pair: string[]): string[] {
  return Array.from(pair, (text) => (text.includes('\ufffd') ? 'not UTF-8' : text));
}

/** Compares a URL, or its refusal, with what is expected. */
function compare(
  make: () => string,
  expected: { host: string; path: string[]; query?: string[][] } | undefined,
): Outcome {
  let text: string;
  try {
    text = make();
  } catch (error) {
    assert(error instanceof UserInputError, error as Error);
    assert.equal(expected, undefined, error.message);
    return 'refused';
  }
  assert(expected !== undefined, `${text} must be refused`);
  assert.match(text, /^[\x21-\x7e]+$/);
  const url = new URL(text);
  assert.deepEqual(
    [url.protocol, url.host, url.username, url.password, url.hash],
    ['https:', expected.host, '', '', ''],
  );
  assert.deepEqual(url.pathname.slice(1).split('/').map(decodeURIComponent), expected.path);
  assert.deepEqual(
    Array.from(url.searchParams, (pair) => known(pair)),
    (expected.query ?? []).map(known),
  );
  return 'accepted';
}

const ACTIONS: Action[] = [
  'predict',
  'run_remote',
  'async_predict',
  'async_run_remote',
  'async_queue_status',
  'wake',
];

/** An action's URL leads to the model or chain and target that were given, or is refused. */
export const actions = property({
  name: 'URLs of actions',
  share: 12,
  inputs: fc.record({ place, action: fc.constantFrom(...ACTIONS) }),
  check: ({ place: at, action }) => {
    const expected = expectedPlace(at);
    return compare(
      () =>
        actionUrl(
          { ...BASETEN_ENDPOINTS, deploymentUrl: at.template.url },
          at.owner,
          at.target,
          action,
        ),
      expected && { ...expected, path: [...expected.path, action] },
    );
  },
});

const slashed = (steps: fc.Arbitrary<string>) =>
  fc.array(steps, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const queryParameters = fc.array(
  fc.record({
    name: fc.oneof(plainName, hostileText),
    value: fc.oneof(hostileText, fc.jsonValue({ maxDepth: 1 })),
  }),
  { maxLength: 2 },
);

/** Name and value pairs of a query, decoded byte by byte. */
function pairsOf(query: string): string[][] {
  const decode = (text: string) => {
    const bytes = Buffer.from(text.replaceAll('+', ' ')).toString('latin1');
    const decoded = bytes.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(parseInt(digits, 16)),
    );
    return Buffer.from(decoded, 'latin1').toString();
  };
  return query
    .toWellFormed()
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decode(name), decode(value.join('='))];
    });
}

/** The same holds for the URL of a custom route. */
export const routes = property({
  name: 'URLs of routes',
  share: 10,
  inputs: fc.record({
    place,
    route: fc.oneof(slashed(plainName), slashed(anyName), hostileText),
    queryParameters,
  }),
  check: ({ place: at, route, queryParameters: parameters }) => {
    const production = at.target.type === 'production';
    const expected = expectedPlace(
      production ? { ...at, target: { type: 'environment', environment: 'production' } } : at,
    );
    const [path = '', ...query] = route.split('?');
    const steps = path.trim().split('/');
    while (steps.length > 1 && steps[0] === '') steps.shift();
    const isBad = (step: string) =>
      ['.', '..'].includes(step) ||
      isBroken(step) ||
      [...step].some((each) => each === '\\' || each === '#' || isControl(each));
    const added = parameters
      .filter(({ name, value }) => name !== '' && value !== null)
      .map(({ name, value }) =>
        [name, typeof value === 'string' ? value : JSON.stringify(value)].map((text) =>
          text.toWellFormed(),
        ),
      );
    return compare(
      () =>
        routeUrl(
          { ...BASETEN_ENDPOINTS, deploymentUrl: at.template.url },
          { owner: at.owner, target: at.target, route, queryParameters: parameters },
        ),
      expected && !steps.some(isBad)
        ? {
            ...expected,
            path: [...expected.path, 'sync', ...steps],
            query: [...pairsOf(query.join('?')), ...added],
          }
        : undefined,
    );
  },
});

/** An ID stays one segment of its URL's path, or is refused. */
export const identifiers = property({
  name: 'URLs of IDs',
  share: 6,
  inputs: fc.record({ names: fc.array(anyName, { minLength: 1, maxLength: 3 }), id: anyName }),
  check: ({ names, id }) => {
    const trimmed = names.map((name) => name.trim());
    const request = trimmed[0] as string;
    compare(
      () => asyncRequestUrl(BASETEN_ENDPOINTS, { kind: 'chain', id }, names[0] as string),
      isHostName(id.trim()) && isStep(request)
        ? {
            host: `chain-${id.trim().toLowerCase()}.api.baseten.co`,
            path: ['async_request', request],
          }
        : undefined,
    );
    return compare(
      () => managementUrl(BASETEN_ENDPOINTS, ...names),
      trimmed.every(isStep) ? { host: 'api.baseten.co', path: ['v1', ...trimmed] } : undefined,
    );
  },
});

const hosts = fc.constantFrom(
  'gateway.example.com',
  'localhost:8080',
  '[::1]:3000',
  '10.0.0.1',
  'gäteway.example',
);
const baseUrl = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('https://', 'http://', 'HTTPS://'),
      hosts,
      slashed(plainName),
      fc.constantFrom('', '/', '//'),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('https://', 'http://', 'https:', 'ftp://', 'file:///', 'javascript:'),
      hosts,
      hostileText,
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constant('https://'),
      hostileText,
      fc.constantFrom('gateway.example.com', '@gateway.example.com'),
    )
    .map((parts) => parts.join('')),
  hostileText,
);

/** A base URL of the credential is used as it is, or refused. */
export const bases = property({
  name: 'base URLs',
  share: 6,
  inputs: baseUrl,
  check: (base) => {
    let text: string;
    try {
      text = managementUrl({ ...BASETEN_ENDPOINTS, managementUrl: base }, 'models');
    } catch (error) {
      assert(error instanceof UserInputError, error as Error);
      assert.throws(
        () => modelApiUrl({ ...BASETEN_ENDPOINTS, modelApiUrl: base }, '/models'),
        UserInputError,
      );
      return 'refused';
    }
    const url = new URL(text);
    const given = new URL(base);
    const path = given.pathname
      .split('/')
      .filter((step, at, steps) => step !== '' || steps.slice(at).some(Boolean));
    assert(['http:', 'https:'].includes(url.protocol));
    assert.deepEqual(
      [url.origin, url.username, url.password, url.search, url.hash],
      [given.origin, '', '', '', ''],
    );
    assert.equal(url.pathname, [...path, 'v1', 'models'].join('/').replace(/^\/?/, '/'));
    return 'accepted';
  },
});

/** Custom endpoints, whose server may reach what Baseten can't. */
const OWN_SERVER = { ...BASETEN_ENDPOINTS, deploymentUrl: 'https://gateway.example.com/{id}' };

/** Only addresses that are delivered to are accepted as webhook URLs, private ones by one's own. */
export const webhookUrls = property({
  name: 'webhook URLs',
  share: 6,
  inputs: fc.oneof(
    fc
      .tuple(
        fc.constantFrom('https://', 'http://'),
        fc.constantFrom(
          'localhost',
          '[::1]',
          '127.0.0.1',
          '127.9.9.9',
          '128.0.0.1',
          '0x7f.1',
          'x.example',
          'localhost.evil.example',
          '127.0.0.1.evil.example',
        ),
        fc.oneof(hostileText, plainName),
      )
      .map((parts) => parts.join('')),
    hostileText,
    fc.jsonValue({ maxDepth: 1 }),
  ),
  check: (value: unknown) => {
    const given =
      typeof value === 'string' && URL.canParse(value.trim()) ? new URL(value.trim()) : undefined;
    const isHere =
      given &&
      (['localhost', '[::1]'].includes(given.hostname) ||
        (isIPv4(given.hostname) && given.hostname.startsWith('127.')));
    if (given && (given.protocol === 'https:' || (given.protocol === 'http:' && isHere))) {
      assert.equal(parseWebhookUrl(value, OWN_SERVER).href, given.href);
      if (isHere) assert.throws(() => parseWebhookUrl(value, BASETEN_ENDPOINTS), UserInputError);
      return 'accepted';
    }
    assert.throws(() => parseWebhookUrl(value, OWN_SERVER), UserInputError);
    return 'refused';
  },
});

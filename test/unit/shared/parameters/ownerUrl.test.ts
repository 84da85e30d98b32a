import type { Target } from '../../../../nodes/shared/connection/endpoints';
import { checkTargetOfUrl, targetInUrl } from '../../../../nodes/shared/parameters/ownerUrl';

const production: Target = { type: 'production' };
const development: Target = { type: 'development' };
const staging: Target = { type: 'environment', environment: 'staging' };
const deployment: Target = { type: 'deployment', deploymentId: 'q1w2' };
const regional: Target = { type: 'regional', environment: 'prod-us' };
const HOST = 'https://model-abcd1234.api.baseten.co';

test.each<[string, Target | undefined]>([
  [HOST, undefined],
  [`${HOST}/`, undefined],
  [`${HOST}/production/predict`, production],
  [`${HOST}/development/async_predict`, development],
  [`${HOST}/environments/staging/predict`, staging],
  [`${HOST}/environments/my%20env/predict`, { type: 'environment', environment: 'my env' }],
  [`${HOST}/environments/production/sync/v1`, production],
  [`${HOST}/environments/%zz/predict`, { type: 'environment', environment: '%zz' }],
  [`${HOST}/deployment/q1w2/predict?x=1#y`, deployment],
  [`${HOST}//environments//staging/predict`, staging],
  [`${HOST}/%65nvironments/staging/predict`, staging],
  [`${HOST}/async_request/staging`, undefined],
  [`${HOST}/sync/environments/staging`, undefined],
  [`${HOST}?environments/staging`, undefined],
  ['https://model-abcd1234-prod-us.api.baseten.co/predict', regional],
  ['https://app.baseten.co/models/abcd1234/overview', undefined],
  ['https://app.baseten.co/models/abcd1234/deployments/q1w2', deployment],
  ['https://app.baseten.co/models/abcd1234/logs/q1w2', deployment],
  ['https://api.baseten.co/v1/models/abcd1234/environments/staging', staging],
  ['https://api.baseten.co/v1/models/abcd1234/deployments/production', production],
  ['https://api.baseten.co/v1/models/abcd1234/deployments/development/wake', development],
  ['https://gateway.example.com/baseten/model-abcd1234/deployment/q1w2/predict', deployment],
  ['https://gateway.example.com/baseten/model-abcd1234-prod-us/predict', regional],
  ['no URL', undefined],
])('the URL of a model names a target: %s', (url, target) => {
  expect(targetInUrl(url, 'model')).toStrictEqual(target);
});

test('the URL of a chain names a target', () => {
  expect(
    targetInUrl('https://chain-abcd1234.api.baseten.co/environments/staging/run_remote', 'chain'),
  ).toStrictEqual(staging);
  expect(targetInUrl('https://app.baseten.co/chains/abcd1234/logs/q1w2/c3', 'chain')).toStrictEqual(
    deployment,
  );
});

const URLS: Array<[string, Target]> = [
  [`${HOST}/production/predict`, production],
  [`${HOST}/development/predict`, development],
  [`${HOST}/environments/staging/predict`, staging],
  [`${HOST}/deployment/q1w2/predict`, deployment],
  ['https://model-abcd1234-prod-us.api.baseten.co/predict', regional],
];
const PAIRS = URLS.flatMap(([url, named]) =>
  URLS.map(([, target]) => ({ url, target: target.type, given: target, isSame: named === target })),
);

test.each(PAIRS)('$url with the target $target: allowed $isSame', ({ url, given, isSame }) => {
  const check = () => checkTargetOfUrl(given, url, 'model');
  if (isSame) expect(check).not.toThrow();
  else expect(check).toThrow(/^The URL names .*, but Target is /);
});

test.each<[Target, string]>([
  [production, HOST],
  [staging, HOST],
  [{ type: 'environment', environment: ' production ' }, `${HOST}/production/predict`],
  [
    { type: 'regional', environment: 'staging' },
    'https://api.baseten.co/v1/models/abcd1234/environments/staging',
  ],
  [
    { type: 'regional', environment: 'Prod-US' },
    'https://model-abcd1234-prod-us.api.baseten.co/predict',
  ],
  // A name that is missing is an error of its own.
  [{ type: 'environment', environment: ' ' }, `${HOST}/production/predict`],
])('%j may be called by %s', (target, url) => {
  expect(() => checkTargetOfUrl(target, url, 'model')).not.toThrow();
});

test('the error names both, and says what to do', () => {
  const check = () => checkTargetOfUrl(production, `${HOST}/environments/staging/predict`, 'model');
  expect(check).toThrow('The URL names the environment "staging", but Target is production');
  expect(check).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('only the model’s ID is taken') }),
  );
});

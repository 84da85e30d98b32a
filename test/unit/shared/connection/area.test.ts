import { addresseeOf } from '../../../../nodes/shared/connection/area';
import {
  actionUrl,
  asyncRequestUrl,
  BASETEN_ENDPOINTS,
  managementUrl,
  modelApiUrl,
  routeUrl,
  type Action,
  type Target,
} from '../../../../nodes/shared/connection/endpoints';

const GATEWAY = {
  deploymentUrl: 'https://gateway.example.com/{kind}-{id}',
  modelApiUrl: 'https://gateway.example.com/v1',
  managementUrl: 'https://gateway.example.com/',
};
const owner = { kind: 'model', id: 'abc' } as const;
const production: Target = { type: 'production' };

describe.each([
  ['Baseten', BASETEN_ENDPOINTS],
  ['one gateway for all', GATEWAY],
])('%s', (_, endpoints) => {
  const of = (action: Action, target: Target = production) =>
    addresseeOf(endpoints, actionUrl(endpoints, owner, target, action));

  test('what Baseten limits apart is told apart', () => {
    const limited = [
      of('predict'),
      of('async_predict'),
      of('async_queue_status'),
      addresseeOf(endpoints, asyncRequestUrl(endpoints, owner, 'r1')),
      addresseeOf(endpoints, managementUrl(endpoints, 'models', 'abc')),
      addresseeOf(endpoints, modelApiUrl(endpoints, '/chat/completions'), 'a/b'),
      addresseeOf(endpoints, modelApiUrl(endpoints, '/chat/completions'), 'c/d'),
    ].map((each) => each.limited);
    expect(limited).toStrictEqual([
      'inference',
      'submission',
      'status',
      'status',
      'management',
      'model a/b',
      'model c/d',
    ]);
  });

  test('each target of a model or chain is a deployment of its own', () => {
    const targets: Target[] = [
      production,
      { type: 'development' },
      { type: 'environment', environment: 'staging' },
      { type: 'deployment', deploymentId: 'd1' },
      { type: 'regional', environment: 'eu' },
    ];
    expect(new Set(targets.map((target) => of('predict', target).deployment)).size).toBe(5);
  });

  test('a route of its server, and every way to name production, lead to the same one', () => {
    const environment: Target = { type: 'environment', environment: 'production' };
    const route = routeUrl(endpoints, {
      owner,
      target: production,
      route: '/v1/chat/completions?a=/predict',
    });
    const { deployment } = of('predict');
    expect(of('predict', environment).deployment).toBe(deployment);
    expect(addresseeOf(endpoints, route, 'any').deployment).toBe(deployment);
  });

  test('what no deployment works on has none', () => {
    expect(addresseeOf(endpoints, managementUrl(endpoints, 'models')).deployment).toBeUndefined();
    expect(of('async_queue_status').deployment).toBeUndefined();
    expect(of('wake').deployment).toBeUndefined();
  });
});

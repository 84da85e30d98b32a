import { toRouteChoices } from '../../../../nodes/Baseten/methods/routeChoices';

const GET = { get: {} };

test.each([
  ['null', null],
  ['a text', 'openapi: 3.1.0'],
  ['a list', []],
  ['no paths', { openapi: '3.1.0' }],
  ['paths that are a list', { paths: ['/a'] }],
  ['paths without operations', { paths: { '/a': null, '/b': { parameters: [] }, c: GET } }],
])('%s has no routes', (_, document) => {
  expect(toRouteChoices(document, 'GET')).toBeUndefined();
});

test('a route is named by its method and path, and by its summary or ID if it has one', () => {
  const paths = {
    '/a': { get: { summary: 'Read a', operationId: 'read_a' } },
    '/b': { get: { summary: '', operationId: 'read_b' } },
    '/c': { get: { summary: 5 } },
  };
  expect(toRouteChoices({ paths }, 'GET')).toStrictEqual([
    { name: 'GET /a · Read a', value: '/a' },
    { name: 'GET /b · read_b', value: '/b' },
    { name: 'GET /c', value: '/c' },
  ]);
});

test('if no route has the method, the others are named, eight at most', () => {
  const paths = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`/${at}`, GET]));
  expect(toRouteChoices({ paths }, 'POST')).toStrictEqual([
    {
      name: 'With another Method: GET /0, GET /1, GET /2, GET /3, GET /4, GET /5, GET /6, GET /7, …',
      value: '',
    },
  ]);
});

test('a server may describe very many routes: 500 are listed', () => {
  const paths = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`/${at}`, GET]));
  expect(toRouteChoices({ paths }, 'GET')).toHaveLength(500);
});

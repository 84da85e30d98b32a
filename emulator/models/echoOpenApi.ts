/** A path of the echo server, the methods it answers and what they are for. */
type DescribedRoute = [path: string, methods: string[], summary: string];

const DESCRIBED: DescribedRoute[] = [
  ['/health', ['get'], 'Whether the server works'],
  ['/items', ['get'], 'List items'],
  ['/items/{item_id}', ['get', 'put', 'patch', 'delete'], 'One item'],
  ['/echo', ['get', 'post'], 'What was sent'],
  ['/text', ['get'], 'A text'],
  ['/image', ['get'], 'An image'],
];

/** What the echo server says about its routes, as FastAPI does. */
export const ECHO_OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'Simulated echo', version: '1.0.0' },
  paths: Object.fromEntries(
    DESCRIBED.map(([path, methods, summary]) => [
      path,
      Object.fromEntries(methods.map((method) => [method, { summary, responses: {} }])),
    ]),
  ),
};

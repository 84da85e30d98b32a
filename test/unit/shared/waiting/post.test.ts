import { noteOwnAddress, post } from '../../../../nodes/shared/waiting/post';

const URL = 'https://n8n.example.com/n8n/webhook-waiting/18/baseten?signature=s';
const SOCKET = { localAddress: '::ffff:127.0.0.1', localPort: 5678 };

/** Where messages were posted to. */
let posted: string[];
let fails: (url: string) => boolean;
let answer: () => Response;
beforeEach(() => {
  posted = [];
  answer = () => new Response('{"wait":"parked"}');
  fails = () => false;
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    posted.push(String(url));
    if (fails(String(url)))
      throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED', syscall: 'connect' } });
    return answer();
  });
});
afterEach(() => jest.restoreAllMocks());

const say = async () => await post(URL, { kind: 'have' }, 'secret');

test('until it is known where this process takes requests, the address is the one that n8n gave', async () => {
  noteOwnAddress({
    originalUrl: '/webhook-waiting/17/baseten',
    socket: { ...SOCKET, encrypted: true },
  });
  await say();
  expect(posted).toStrictEqual([URL]);
});

test.each([
  '/webhook-waiting/17/baseten',
  '/webhook-waiting/17/baseten?baseten_wait=a/b/c',
  '/webhook-waiting/17/baseten/',
  '/webhook-waiting/17/baseten/?a=/b/',
])('after a request to %s it is this process, whatever a proxy changes', async (originalUrl) => {
  noteOwnAddress({ originalUrl, socket: SOCKET });
  expect(await say()).toStrictEqual({ status: 200, json: { wait: 'parked' } });
  expect(posted).toStrictEqual(['http://127.0.0.1:5678/webhook-waiting/18/baseten?signature=s']);
});

test('if this process can not be reached there, the address that n8n gave counts', async () => {
  noteOwnAddress({ originalUrl: '/webhook-waiting/17/baseten', socket: SOCKET });
  fails = (url) => url.startsWith('http:');
  await say();
  expect(posted[1]).toBe(URL);
});

test('a message that JavaScript can not write counts as one that is too large', async () => {
  const data: unknown = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
  const result = { request_id: 'r', data, errors: [] };
  expect(await post(URL, { kind: 'keep', results: { 0: result } }, 'secret')).toStrictEqual({
    status: 413,
  });
});

test.each([
  [10, { status: 500, json: { code: 0 } }],
  [1_000_000, { status: 413 }],
])('if n8n answers 500 to %i bytes, they may be too many', async (bytes, expected) => {
  answer = () => new Response('{"code":0}', { status: 500 });
  const result = { request_id: 'r', data: 'x'.repeat(bytes), errors: [] };
  expect(await post(URL, { kind: 'keep', results: { 0: result } }, 'secret')).toStrictEqual(
    expected,
  );
});

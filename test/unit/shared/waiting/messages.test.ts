import {
  openAddress,
  openMessage,
  sealAddress,
  sealMessage,
  type ToKeeper,
} from '../../../../nodes/shared/waiting/messages';

const SECRET = 'a1'.repeat(32);
const OTHER = 'b2'.repeat(32);
const MESSAGE: ToKeeper = { kind: 'go', turn: 3 };

function sealed() {
  const { body, signature } = sealMessage(MESSAGE, SECRET);
  return { body: Buffer.from(body), signature };
}

test('a message is opened with the secret that sealed it', () => {
  const { body, signature } = sealed();
  expect(openMessage(body, signature, SECRET)).toStrictEqual(MESSAGE);
});

test.each<[string, (seal: ReturnType<typeof sealed>) => unknown]>([
  ['another secret', ({ body, signature }) => openMessage(body, signature, OTHER)],
  ['no secret', ({ body, signature }) => openMessage(body, signature, undefined)],
  ['another body', ({ signature }) => openMessage(Buffer.from('{}'), signature, SECRET)],
  ['a body that n8n did not keep', ({ signature }) => openMessage(undefined, signature, SECRET)],
  ['no signature', ({ body }) => openMessage(body, undefined, SECRET)],
  ['a list of signatures', ({ body, signature }) => openMessage(body, [signature], SECRET)],
  ['half a signature', ({ body, signature }) => openMessage(body, signature.slice(0, 32), SECRET)],
  ['a signature that is none', ({ body }) => openMessage(body, 'é'.repeat(64), SECRET)],
])('a message with %s is not opened', (_, open) => {
  expect(open(sealed())).toBeUndefined();
});

test('a sealed text that is no message is not opened', () => {
  const { body, signature } = sealMessage(null as never, SECRET);
  expect(openMessage(Buffer.from(body), signature, SECRET)).toBeUndefined();
});

describe('an address', () => {
  const URL_WITH_TOKEN = 'https://n8n.example.com/webhook-waiting/17/baseten?signature=abc';
  const ADDRESS = { run: '0f1e', item: 999 };
  const queryOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

  test.each([URL_WITH_TOKEN, 'https://n8n.example.com/webhook-waiting/17/baseten'])(
    'is opened with the secret that sealed it, and %s stays as it is',
    (url) => {
      const sealedUrl = sealAddress(url, ADDRESS, SECRET);
      expect(sealedUrl.startsWith(url)).toBe(true);
      expect(openAddress(queryOf(sealedUrl), SECRET)).toStrictEqual(ADDRESS);
    },
  );

  const value = queryOf(sealAddress(URL_WITH_TOKEN, ADDRESS, SECRET)).baseten_wait as string;
  const [run, item, mac] = value.split('.');
  test.each([
    ['another item', `${run}.998.${mac}`],
    ['another run', `0f1f.${item}.${mac}`],
    ['no seal', `${run}.${item}`],
    ['an empty seal', `${run}.${item}.`],
    ['more behind it', `${value}0`],
    ['nothing', undefined],
    ['a list', [value]],
  ])('with %s is not opened', (_, changed) => {
    expect(openAddress({ baseten_wait: changed }, SECRET)).toBeUndefined();
  });

  test('of another wait is not opened', () => {
    expect(openAddress({ baseten_wait: value }, OTHER)).toBeUndefined();
    expect(openAddress(undefined, SECRET)).toBeUndefined();
  });

  test('can’t be signed by a message', () => {
    // As JSON this number reads like the address of item 5 of run 1.
    const { body, signature } = sealMessage(1.5 as never, SECRET);
    expect(openAddress({ baseten_wait: `${body}.${signature}` }, SECRET)).toBeUndefined();
  });
});

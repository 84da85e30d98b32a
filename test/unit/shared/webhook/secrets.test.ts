import { readSecrets, readSharedSecrets } from '../../../../nodes/shared/webhook/secrets';
import { NOW, OTHER_SECRET, SECRET, webhookContext } from '../../../support/webhookContext';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
  jest.useRealTimers();
});

test.each([
  ['none without a credential', undefined, []],
  ['none in an empty field', '', []],
  ['one', SECRET, [SECRET]],
  ['two while one is being rotated', ` ${SECRET}, ${OTHER_SECRET},`, [SECRET, OTHER_SECRET]],
])('secrets of the credential: %s', async (_, secret, expected) => {
  expect(await readSecrets(webhookContext({ secret }).context)).toStrictEqual(expected);
});

let nodes = 0;

/**
 * A node with a credential of its own, and how often that was read.
 * @param secrets what each reading finds: a secret, a promise of one, or an error
 */
function node(...secrets: Array<string | Promise<string> | Error>) {
  let reads = 0;
  const id = `credential-${++nodes}`;
  const context = {
    getNode: () => ({ credentials: { basetenWorkspaceApi: { id, name: 'Baseten' } } }),
    getCredentials: async () => {
      const webhookSecret = await secrets[Math.min(reads++, secrets.length - 1)];
      if (webhookSecret instanceof Error) throw webhookSecret;
      return { apiKey: 'k', webhookSecret };
    },
  } as never;
  const read = async (signedBy = 'whsec_a') =>
    await readSharedSecrets(context, (candidates) => candidates.includes(signedBy));
  return { read, reads: () => reads };
}

const never = new Promise<string>(() => undefined);

describe('secrets of a burst', () => {
  test('are read once for deliveries that come together', async () => {
    const { read, reads } = node('whsec_a');
    expect(await Promise.all([read(), read(), read()])).toStrictEqual([
      ['whsec_a'],
      ['whsec_a'],
      ['whsec_a'],
    ]);
    expect(reads()).toBe(1);
  });

  test('are read once even if reading takes longer than they stay fresh', async () => {
    let found: (secret: string) => void = () => {};
    const { read, reads } = node(new Promise<string>((resolve) => (found = resolve)));
    const first = read();
    jest.setSystemTime(NOW + 5000);
    const second = read();
    found('whsec_a');
    expect([await first, await second, await read(), reads()]).toStrictEqual([
      ['whsec_a'],
      ['whsec_a'],
      ['whsec_a'],
      1,
    ]);
  });

  test('are read again after two seconds, so that a rotated one is found', async () => {
    const { read } = node('whsec_a', 'whsec_b');
    await read();
    jest.setSystemTime(NOW + 2000);
    expect(await read()).toStrictEqual(['whsec_b']);
  });

  test('are read every time if there are none', async () => {
    const { read } = node('', 'whsec_a');
    expect([await read(), await read()]).toStrictEqual([[], ['whsec_a']]);
  });
});

describe('if reading takes long', () => {
  test('a delivery is verified with the secrets read before, after a quarter of a second', async () => {
    const { read } = node('whsec_a', never);
    await read();
    jest.setSystemTime(NOW + 60_000);
    const taken = read();
    await jest.advanceTimersByTimeAsync(250);
    expect(await taken).toStrictEqual(['whsec_a']);
  });

  test.each<[string, string, number]>([
    ['is signed by none of them', 'whsec_b', 60_000],
    ['comes a quarter of an hour after they were read', 'whsec_a', 15 * 60_000],
  ])('a delivery that %s waits for the new secrets', async (_, signedBy, later) => {
    let found: (secret: string) => void = () => {};
    const { read } = node('whsec_a', new Promise<string>((resolve) => (found = resolve)));
    await read();
    jest.setSystemTime(NOW + later);
    const taken = read(signedBy);
    await jest.advanceTimersByTimeAsync(5000);
    found('whsec_b');
    expect(await taken).toStrictEqual(['whsec_b']);
  });
});

test('a credential that cannot be read any more is forgotten', async () => {
  const { read } = node('whsec_a', new Error('gone'), never);
  await read();
  jest.setSystemTime(NOW + 60_000);
  await expect(read()).rejects.toThrow('gone');
  const later = jest.fn();
  void read().then(later);
  await jest.advanceTimersByTimeAsync(5000);
  expect(later).not.toHaveBeenCalled();
});

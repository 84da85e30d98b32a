import {
  readSecrets,
  readSecretsAgain,
  readSharedSecrets,
} from '../../../../nodes/shared/webhook/secrets';
import { NOW, OTHER_SECRET, SECRET, webhookContext } from '../../../support/webhookContext';

// Once for all: waits that a test leaves behind share a timer with those of the next.
beforeAll(() => {
  jest.useFakeTimers();
});
beforeEach(() => {
  jest.setSystemTime(NOW);
});
afterAll(() => {
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

/** Lets this moment come, in milliseconds after the beginning. */
const until = async (milliseconds: number) =>
  await jest.advanceTimersByTimeAsync(NOW + milliseconds - Date.now());

let nodes = 0;

/**
 * A node with a credential of its own, and how often that was read.
 * @param secrets what each reading finds: a secret, a promise of one, or an error
 */
function node(...secrets: Array<string | Promise<string> | Error>) {
  let reads = 0;
  const log: string[] = [];
  const id = `credential-${++nodes}`;
  const context = {
    getNode: () => ({
      name: 'Results',
      credentials: { basetenWorkspaceApi: { id, name: 'Baseten' } },
    }),
    logger: { warn: (message: string) => log.push(message) },
    getCredentials: async () => {
      const webhookSecret = await secrets[Math.min(reads++, secrets.length - 1)];
      if (webhookSecret instanceof Error) throw webhookSecret;
      return { apiKey: 'k', webhookSecret };
    },
  } as never;
  const read = async (signedBy = 'whsec_a') =>
    await readSharedSecrets(context, (candidates) => candidates.includes(signedBy));
  const readAgain = async () => await readSecretsAgain(context);
  return { read, readAgain, reads: () => reads, log };
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
    await until(5000);
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
    await until(2000);
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
    await until(60_000);
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
    await until(later);
    const taken = read(signedBy);
    await jest.advanceTimersByTimeAsync(5000);
    found('whsec_b');
    expect(await taken).toStrictEqual(['whsec_b']);
  });
});

describe('if reading fails, as while a vault is sealed', () => {
  const sealed = new Error('vault is sealed');

  test('a delivery is verified with the secrets read before, for a quarter of an hour', async () => {
    const { read } = node('whsec_a', sealed);
    await read();
    const taken: unknown[] = [];
    for (let minute = 1; minute < 15; minute++) {
      await until(minute * 60_000);
      taken.push(...(await read()));
    }
    expect(taken).toStrictEqual(Array(14).fill('whsec_a'));
  });

  test.each<[string, string, number]>([
    ['is signed by none of them', 'whsec_b', 60_000],
    ['comes a quarter of an hour after they were read', 'whsec_a', 15 * 60_000],
  ])('a delivery that %s is not verified, with the reason', async (_, signedBy, later) => {
    const { read } = node('whsec_a', sealed);
    await read();
    await until(later);
    await expect(read(signedBy)).rejects.toThrow('vault is sealed');
  });

  test('the log says so, and how long that goes well', async () => {
    const { read, log } = node('whsec_a', sealed);
    await read();
    await until(60_000);
    await read();
    expect(log).toStrictEqual([
      "Results: the webhook secret can't be read, so the one read before counts for up to 15 minutes: vault is sealed",
    ]);
  });

  test('nothing is known that was never read', async () => {
    const { read, log } = node(sealed);
    await expect(read()).rejects.toThrow('vault is sealed');
    expect(log).toStrictEqual([]);
  });

  test('it is tried once a second, however many deliveries come', async () => {
    const { read, reads } = node('whsec_a', sealed);
    await read();
    for (let turn = 0; turn < 40; turn++) {
      await until(60_000 + turn * 100);
      await read();
      await read('whsec_forged').catch(() => undefined);
    }
    expect(reads()).toBe(5);
  });

  test('a reading that never ends fails before Baseten gives up, and is tried again', async () => {
    const { read } = node('whsec_a', never, 'whsec_b');
    await read();
    await until(60_000);
    const outcome = read('whsec_b').catch((error: Error) => error.message);
    await until(69_000);
    const first = await outcome;
    await until(70_000);
    expect([first, await read('whsec_b')]).toStrictEqual([
      'the credential was not read within 9 s',
      ['whsec_b'],
    ]);
  });

  test('it is read again when it can be', async () => {
    const { read } = node('whsec_a', sealed, 'whsec_b');
    await read();
    await until(60_000);
    const during = await read();
    await until(61_000);
    expect([during, await read()]).toStrictEqual([['whsec_a'], ['whsec_b']]);
  });
});

test('secrets are forgotten if a reading finds none', async () => {
  const { read } = node('whsec_a', '', never);
  await read();
  await until(60_000);
  const later = jest.fn();
  const ignore = () => undefined;
  void read('whsec_b').then(later);
  await jest.advanceTimersByTimeAsync(5000);
  void read().then(later, ignore);
  await jest.advanceTimersByTimeAsync(5000);
  expect(later.mock.calls).toStrictEqual([[[]]]);
});

test.each([-3_600_000, 3_600_000])(
  'a clock that is set off by %i ms makes no difference: known secrets stay usable',
  async (off) => {
    const { read } = node('whsec_a', new Error('vault is sealed'));
    await read();
    jest.setSystemTime(NOW + off);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(await read()).toStrictEqual(['whsec_a']);
  },
);

describe('a reading because no known secret signed', () => {
  test('finds a secret that was entered a moment ago', async () => {
    const { read, readAgain } = node('whsec_a', 'whsec_b');
    await read();
    expect([await readAgain(), await read()]).toStrictEqual([['whsec_b'], ['whsec_b']]);
  });

  test('is one for all that ask within a second', async () => {
    const { read, readAgain, reads } = node('whsec_a', 'whsec_b');
    await read();
    const found = await Promise.all([readAgain(), readAgain(), readAgain()]);
    await until(999);
    expect([...found, await readAgain(), reads()]).toStrictEqual([
      ...Array.from({ length: 4 }, () => ['whsec_b']),
      2,
    ]);
  });

  test('is another one after a second', async () => {
    const { read, readAgain, reads } = node('whsec_a');
    await read();
    await readAgain();
    await until(1000);
    await readAgain();
    expect(reads()).toBe(3);
  });

  test('is made although an earlier one goes on, which may be too old', async () => {
    const { read, readAgain } = node('whsec_a', never, 'whsec_b');
    await read();
    await until(60_000);
    const first = read();
    await jest.advanceTimersByTimeAsync(250);
    expect([await first, await readAgain()]).toStrictEqual([['whsec_a'], ['whsec_b']]);
  });

  test('fails if the credential can not be read', async () => {
    const { read, readAgain } = node('whsec_a', new Error('sealed'));
    await read();
    await expect(readAgain()).rejects.toThrow('sealed');
  });

  test('is a simple one for a node without a stored credential', async () => {
    expect(await readSecretsAgain(webhookContext().context)).toStrictEqual([SECRET]);
  });
});

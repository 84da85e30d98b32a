import { randomFrom } from '../../emulator/models/hash';
import { hmac, NOW, resultBody, SECRET, signed } from './webhookContext';

/** A delivery that a stranger could post. */
export interface HostileDelivery {
  body: Buffer;
  headers: Record<string, unknown>;
  query: Record<string, unknown>;
}

/**
 * Returns a function that makes what a stranger may post: the genuine body changed, or a body of
 * any shape, with a header that doesn't sign it.
 * @param seed the same one always gives the same deliveries
 */
export function hostileDeliveries(seed: number): () => HostileDelivery {
  const random = randomFrom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(values: T[]): T => values[below(values.length)] as T;
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
  const genuine = resultBody();

  const value = (depth: number): unknown =>
    pick<() => unknown>([
      () => null,
      () => below(2) === 0,
      () => pick([0, -1, 1e308, NOW]),
      () =>
        pick([
          '',
          'req-1',
          '__proto__',
          '\u0000',
          '\ud800',
          '👋',
          new Date(NOW).toISOString(),
          'async_request_completed',
        ]),
      () => (depth > 3 ? [] : Array.from({ length: below(3) }, () => value(depth + 1))),
      () => (depth > 3 ? {} : record(depth + 1)),
    ])();
  const names = [
    'request_id',
    'type',
    'time',
    'errors',
    'data',
    'model_id',
    'constructor',
    'length',
    'toString',
  ];
  const record = (depth: number): object =>
    Object.fromEntries(Array.from({ length: below(6) }, () => [pick(names), value(depth)]));
  const changed = () => {
    const copy = Buffer.from(genuine);
    const at = below(copy.length);
    copy[at] = (copy[at] as number) ^ (1 + below(255));
    return copy;
  };

  const body = pickMaker([
    changed,
    () => genuine.subarray(0, below(genuine.length)),
    () => Buffer.concat([genuine, bytes(1 + below(4))]),
    () => bytes(below(200)),
    () => Buffer.from(JSON.stringify(value(0))),
    () => resultBody({ [pick(names)]: value(0) }),
    () => Buffer.from('['.repeat(below(2000))),
    () => Buffer.from(`{"__proto__":${JSON.stringify(value(0))},"request_id":"r"}`),
  ]);
  const header = pickMaker<unknown>([
    () => undefined,
    () => '',
    () => signed(genuine, 'whsec_guess'),
    () => `v1=${bytes(32).toString('hex')}`,
    () => `v1=${bytes(below(64)).toString('hex')}`,
    () => `v0=${hmac(genuine, SECRET)}`,
    () => `v1=${hmac(genuine, SECRET).slice(0, below(64))}`,
    () => bytes(below(100)).toString('latin1'),
    () => 'v1=,'.repeat(below(5000)),
    () => [signed(genuine, SECRET)],
    () => value(0),
  ]);
  const query = pickMaker<Record<string, unknown>>([
    () => ({}),
    () => record(0) as Record<string, unknown>,
    () => ({ baseten_metadata: value(0), baseten_metadata_signature: value(0) }),
    () => ({
      baseten_metadata: bytes(below(50)).toString('base64url'),
      baseten_metadata_signature: bytes(32).toString('hex'),
    }),
  ]);
  return () => {
    const made = body();
    // The genuine signature must not come with the genuine body. Anything else may.
    const genuineSignature = !made.equals(genuine) && below(4) === 0;
    const signature = genuineSignature ? signed(genuine, SECRET) : header();
    return {
      body: made,
      headers: signature === undefined ? {} : { 'x-baseten-signature': signature },
      query: query(),
    };
  };

  function pickMaker<T>(makers: Array<() => T>): () => T {
    return () => pick(makers)();
  }
}

import { signatureHeader } from '../../../emulator';
import { randomFrom } from '../../../emulator/models/hash';
import { payload } from './triggers';

/** A request that is not a genuine delivery, even if it looks like one. */
export interface HostileRequest {
  query: string;
  headers: Record<string, string>;
  body: Buffer;
}

const ODD_VALUES: unknown[] = [
  null,
  0,
  '',
  'v1=',
  [],
  {},
  [[[]]],
  true,
  { toString: 1 },
  '\u0000',
  '😀',
];
/** What can't be the ID of a request. */
const NO_ID: unknown[] = [undefined, null, '', ' ', [], {}, true, 1.5, 1e300];
const ODD_TYPES = [
  'application/json',
  'application/json',
  'application/json; charset=utf-16le',
  'application/json; charset=none-such',
  'text/plain',
  'application/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'nonsense',
];
const ODD_QUERIES = [
  '',
  '?baseten_metadata=%00',
  '?baseten_metadata[a]=1',
  '?__proto__[x]=1',
  '?a=b&a',
];

/**
 * Makes requests that somebody without the secret could send, and signed ones that name no request.
 * @param seed the same one always gives the same requests
 * @param secret signs the signed ones
 */
export function hostileRequests(seed: number, count: number, secret: string): HostileRequest[] {
  const next = randomFrom(seed);
  const upTo = (limit: number) => Math.floor(next() * limit);
  const one = <T>(values: T[]): T => values[upTo(values.length)] as T;
  const noise = (most: number) => Buffer.from(Array.from({ length: upTo(most) }, () => upTo(256)));
  const genuine = () => Buffer.from(JSON.stringify(payload(`hostile-${upTo(1e9)}`)));
  const signed = (body: Buffer) => signatureHeader(body, [secret]) as string;
  const forged = (body: Buffer) =>
    one([
      'v1=',
      `v1=${noise(64).toString('hex')}`,
      `v1=${'z'.repeat(64)}`,
      signatureHeader(body, ['whsec_another']) as string,
      signed(body).slice(0, -1 - upTo(60)),
      signed(body).replace('v1=', 'v2='),
      signed(body).replace(',', ' '.repeat(9)).slice(3),
      `v1=${'0'.repeat(64)},`.repeat(200),
      noise(200).toString('base64'),
    ]);
  const kinds: Array<() => { body: Buffer; signature?: string }> = [
    () => ({ body: noise(2_000), signature: signed(genuine()) }),
    () => ({ body: genuine() }),
    () => {
      const body = genuine();
      return { body, signature: forged(body) };
    },
    () => {
      const body = genuine();
      const signature = signed(body);
      const at = upTo(body.length);
      body[at] = (body[at] as number) ^ (1 << upTo(7));
      return { body, signature };
    },
    () => {
      const body = Buffer.from(`${'['.repeat(upTo(5_000))}${']'.repeat(upTo(5_000))}`);
      return { body, signature: signed(body) };
    },
    () => {
      const key = one(['type', 'time', '__proto__', 'constructor']);
      const changed = { ...payload('x'), [key]: one(ODD_VALUES), request_id: one(NO_ID) };
      const body = Buffer.from(
        JSON.stringify(one<unknown>([changed, [payload('x')], {}, null, [], 7])),
      );
      return { body, signature: signed(body) };
    },
  ];
  return Array.from({ length: count }, () => {
    const { body, signature } = one(kinds)();
    const headers: Record<string, string> = { 'content-type': one(ODD_TYPES) };
    if (signature !== undefined) headers['x-baseten-signature'] = signature;
    return { query: one(ODD_QUERIES), headers, body };
  });
}

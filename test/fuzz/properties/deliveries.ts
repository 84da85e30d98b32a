import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import {
  refusalStatus,
  verifyDelivery,
  type FailedCheck,
} from '../../../nodes/shared/webhook/verify';
import { hostileText, plainName } from '../hostile';
import { property, type Outcome } from '../property';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const hmac = (body: Buffer, secret: string) =>
  createHmac('sha256', secret).update(body).digest('hex');

/** A webhook signing secret. */
export const secret = plainName.map((name) => `whsec_${name}`);
const secrets = fc.uniqueArray(secret, { minLength: 1, maxLength: 3 });

/** A result as Baseten delivers it. `age`: how many seconds ago it was sent. */
const genuine = fc.record({
  request_id: plainName,
  data: fc.oneof(hostileText, fc.jsonValue({ maxDepth: 2, depthSize: 'xsmall' })),
  errors: fc.constantFrom<unknown>(
    [],
    null,
    undefined,
    [{ code: 'MODEL_PREDICT_ERROR', message: 'no' }],
    { code: 'MODEL_PREDICT_ERROR', message: 'no' },
    {},
    'out of memory',
    '',
  ),
  age: fc.integer({ min: -300, max: 300 }),
});
type Genuine = typeof genuine extends fc.Arbitrary<infer Value> ? Value : never;

function bodyOf({ age, ...fields }: Genuine): Buffer {
  const time = new Date(NOW - age * 1000).toISOString();
  return Buffer.from(JSON.stringify({ ...fields, type: 'async_request_completed', time }));
}

/** Verifies a delivery, and compares the verdict with the expected one. */
function compare(
  body: Buffer,
  header: unknown,
  held: string[],
  tolerance: number,
  expected: FailedCheck | 'ok',
  now = NOW,
): Outcome {
  const before = Buffer.from(body);
  const verdict = verifyDelivery(body, header, { secrets: held, tolerance, now });
  assert.equal(verdict.ok ? 'ok' : verdict.check, expected);
  assert(body.equals(before), 'the body was changed');
  if (!verdict.ok) return 'refused';
  const payload = parse(body.toString()) as { request_id: unknown; errors?: unknown };
  const { request_id, errors, ...rest } = verdict.result as unknown as typeof payload;
  const { request_id: givenId, errors: givenErrors, ...givenRest } = payload;
  assert.deepEqual(rest, givenRest);
  assert.equal(request_id, `${givenId as string}`);
  assertErrors(errors, givenErrors);
  return 'accepted';
}

/**
 * JSON with the numbers that JavaScript would round as text. What JSON does not have is null.
 * @throws {SyntaxError}
 */
function parse(text: string): unknown {
  const token = /"(?:[^"\\]|\\.)*"|NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
  const readable = text.replace(token, (part) => {
    if (part.startsWith('"')) return part;
    if (/[Ny]$/.test(part)) return 'null';
    const isKept = /^-?\d+$/.test(part) ? Number.isSafeInteger(+part) : Number.isFinite(+part);
    return isKept ? part : `"${part}"`;
  });
  return JSON.parse(readable);
}

/** Errors are a list, which is empty exactly if nothing was said. */
function assertErrors(errors: unknown, given: unknown): void {
  assert(Array.isArray(errors));
  if (Array.isArray(given)) return assert.deepEqual(errors, given);
  const isNothing =
    !given || (typeof given === 'object' && Object.keys(given as object).length === 0);
  assert.equal(errors.length, isNothing ? 0 : 1);
  if (typeof given === 'object' && !isNothing) assert.deepEqual(errors, [given]);
}

/** Signatures without a meaning. A good one among them must still be found. */
const noise = fc.constantFrom(
  '',
  ' ',
  'v1=',
  'v0=00',
  `v1=${'0'.repeat(64)}`,
  `v2=${'f'.repeat(64)}`,
  'nonsense',
  `v1=${'0'.repeat(63)}g`,
);

/** A genuine delivery is accepted, however its header is written. */
export const accepted = property({
  name: 'genuine deliveries',
  share: 8,
  inputs: fc.record({
    genuine,
    secrets,
    signer: fc.nat(),
    before: fc.array(noise, { maxLength: 5 }),
    after: fc.array(noise, { maxLength: 12 }),
    space: fc.constantFrom('', ' ', '\t', '  '),
    separator: fc.constantFrom(',', ';', ' ', '\t', ',,', ' ; '),
    equals: fc.constantFrom('=', ' =', '= ', ' = ', '\t='),
    capitals: fc.boolean(),
  }),
  check: (input) => {
    const body = bodyOf(input.genuine);
    const hex = hmac(body, input.secrets[input.signer % input.secrets.length] as string);
    const signature = `v1${input.equals}${input.capitals ? hex.toUpperCase() : hex}`;
    const header = [...input.before, signature, ...input.after].join(
      `${input.space}${input.separator}${input.space}`,
    );
    return compare(body, `${input.space}${header}${input.space}`, input.secrets, 300, 'ok');
  },
});

/** One change to a genuine delivery, of any of its parts. */
const change = fc.oneof(
  fc.record({
    part: fc.constant('byte' as const),
    at: fc.nat(),
    by: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ part: fc.constant('more' as const), at: fc.nat(), by: fc.nat(255) }),
  fc.record({
    part: fc.constant('less' as const),
    at: fc.nat(),
    by: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({
    part: fc.constant('digit' as const),
    at: fc.nat(63),
    by: fc.integer({ min: 1, max: 15 }),
  }),
  fc.record({ part: fc.constant('character' as const), at: fc.nat(66), by: fc.nat(0xffff) }),
  fc.record({ part: fc.constant('length' as const), at: fc.nat(66), by: fc.nat(2) }),
  fc.record({ part: fc.constant('secret' as const), at: fc.nat(), by: fc.nat() }),
  fc.record({
    part: fc.constant('time' as const),
    at: fc.constantFrom(-1, 1),
    by: fc.integer({ min: 1, max: 1e9 }),
  }),
);
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

function changedBody(body: Buffer, { part, at, by }: Change): Buffer {
  const place = at % body.length;
  const start = body.subarray(0, place);
  if (part === 'byte')
    return Buffer.concat([
      start,
      Buffer.of((body[place] as number) ^ by),
      body.subarray(place + 1),
    ]);
  if (part === 'more') return Buffer.concat([start, Buffer.of(by), body.subarray(place)]);
  if (part === 'less') return Buffer.concat([start, body.subarray(place + by)]);
  return body;
}

function changedHeader(header: string, { part, at, by }: Change): string {
  const start = header.slice(0, at);
  if (part === 'digit') {
    const digit = (parseInt(header[at + 3] as string, 16) + by) % 16;
    return header.slice(0, at + 3) + digit.toString(16) + header.slice(at + 4);
  }
  if (part === 'character') return start + String.fromCharCode(by) + header.slice(at + 1);
  if (part === 'length') return start + header.slice(at + by + 1);
  return header;
}

/** A delivery of which anything was changed is refused. */
export const changed = property({
  name: 'changed deliveries',
  share: 14,
  inputs: fc.record({ genuine, secret, change }),
  check: ({ genuine: delivery, secret: key, change: made }) => {
    const body = bodyOf(delivery);
    const header = `v1=${hmac(body, key)}`;
    const changedTo = { body: changedBody(body, made), header: changedHeader(header, made) };
    // Upper or lower case does not matter, nor do separators at either end or blanks around "=".
    const isSame = changedTo.body.equals(body) && hasSignature(changedTo.header, header);
    const isLate = made.part === 'time';
    const now = isLate ? NOW - delivery.age * 1000 + made.at * (300_000 + made.by) : NOW;
    const held = made.part === 'secret' ? [`${key}x`, key.slice(0, -1), key.toUpperCase()] : [key];
    const expected = isLate
      ? 'wrong time'
      : isSame && made.part !== 'secret'
        ? 'ok'
        : 'signature wrong';
    return compare(changedTo.body, changedTo.header, held, 300, expected, now);
  },
});

const anyHeader = fc.record({
  parts: fc.array(
    fc.oneof(
      { weight: 2, arbitrary: fc.record({ text: noise }) },
      { weight: 2, arbitrary: fc.record({ text: hostileText }) },
      {
        weight: 1,
        arbitrary: fc.record({
          secret,
          version: fc.constantFrom('v1=', 'V1=', 'v0=', 'v1:', 'v1= ', 'v1 =', 'v1 = ', ''),
        }),
      },
    ),
    { maxLength: 14 },
  ),
  separator: fc.constantFrom(',', ', ', ' ,\t', ';', ' ', '\n', ',,'),
});
const notText = fc.oneof(
  fc.constant(undefined),
  fc.jsonValue({ maxDepth: 1 }).filter((value) => typeof value !== 'string'),
  fc.array(hostileText, { maxLength: 2 }),
);

/** Whether a header holds a signature: it is walked through character by character. */
function hasSignature(header: string, signature: string): boolean {
  const text = header.toLowerCase();
  const [version = '', hex = ''] = signature.split('=');
  const isBlank = (at: number) => (text[at] ?? 'end').trim() === '';
  const isEdge = (at: number) => isBlank(at) || [undefined, ',', ';'].includes(text[at]);
  const afterBlanks = (from: number) => {
    let at = from;
    while (isBlank(at)) at++;
    return at;
  };
  return Array.from({ length: text.length }).some((_, at) => {
    if (!isEdge(at - 1) || !text.startsWith(version, at)) return false;
    const equals = afterBlanks(at + version.length);
    if (text[equals] !== '=') return false;
    const digits = afterBlanks(equals + 1);
    return text.startsWith(hex, digits) && isEdge(digits + hex.length);
  });
}

/** A header counts only if it holds a genuine signature. */
export const headers = property({
  name: 'signature headers of any shape',
  share: 12,
  inputs: fc.record({
    genuine,
    secret,
    header: fc.oneof({ weight: 6, arbitrary: anyHeader }, { weight: 1, arbitrary: notText }),
    other: fc.boolean(),
  }),
  check: ({ genuine: delivery, secret: key, header, other }) => {
    const body = bodyOf(delivery);
    const isBuilt =
      typeof header === 'object' && header !== null && 'parts' in header && 'separator' in header;
    const shape = isBuilt
      ? (header as typeof anyHeader extends fc.Arbitrary<infer Value> ? Value : never)
      : undefined;
    const text = shape?.parts
      .map((part) =>
        'text' in part ? part.text : part.version + hmac(body, other ? part.secret : key),
      )
      .join(shape.separator);
    const given = shape ? text : header;
    if (typeof given !== 'string' || given.trim() === '')
      return compare(body, given, [key], 300, 'signature missing');
    const good = `v1=${hmac(body, key)}`;
    const isGood = hasSignature(given, good);
    return compare(body, given, [key], 300, isGood ? 'ok' : 'signature wrong');
  },
});

const FIELDS = [
  'request_id',
  'type',
  'time',
  'errors',
  'data',
  'model_id',
  '__proto__',
  'constructor',
  'toString',
];
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(
    'async_request_completed',
    '',
    'r',
    'x'.repeat(200),
    'x'.repeat(201),
    '1',
    'yesterday',
    '2026-01-01T12:00:00Z',
    '2026-01-01T12:00:00',
    '2026-01-01 12:05:01',
    '2026-01-01T12:05:00.001Z',
    NOW,
    NOW / 1000 - 301,
    7,
    1e300,
    '2026-01-01T13:00:00+01:00',
  ),
  fc.jsonValue({ maxDepth: 1 }),
);
const anyBody = fc.oneof(
  fc.dictionary(fc.constantFrom(...FIELDS), anyValue, { maxKeys: 9 }).map((fields) =>
    JSON.stringify({
      request_id: 'r',
      type: 'async_request_completed',
      time: '2026-01-01T12:00:00Z',
      ...fields,
    }),
  ),
  fc.json({ maxDepth: 2, depthSize: 'xsmall' }),
  fc
    .record({ open: fc.constantFrom('[', '{"a":', '"'), times: fc.nat(3000) })
    .map(({ open, times }) => open.repeat(times)),
  hostileText,
  fc.uint8Array({ maxLength: 60 }),
);

/** A body is accepted only if it has a request ID, and a time that is right if it can be read. */
export const bodies = property({
  name: 'bodies of any shape',
  share: 8,
  inputs: fc.record({
    body: anyBody,
    secret,
    isVerified: fc.boolean(),
    tolerance: fc.constantFrom(0, 1, 300),
  }),
  check: ({ body: given, secret: key, isVerified, tolerance }) => {
    const body = Buffer.from(given as string);
    const header = isVerified ? `v1=${hmac(body, key)}` : undefined;
    const expected = expectedCheck(body, tolerance);
    // Whoever has signed may deliver again, whatever the body is.
    if (expected !== 'ok') assert.equal(refusalStatus(expected, true), 503);
    return compare(body, header, isVerified ? [key] : [], tolerance, expected);
  },
});

/** The verdict on a body whose signature is genuine, or not checked. */
function expectedCheck(body: Buffer, tolerance: number): FailedCheck | 'ok' {
  let payload: unknown;
  try {
    payload = parse(body.toString());
  } catch {
    return 'not JSON';
  }
  const field = (name: string): unknown =>
    Object.getOwnPropertyDescriptor(Object(payload), name)?.value;
  const [id, time] = ['request_id', 'time'].map(field);
  const isText = typeof id === 'string' && /\S/.test(id);
  const isNumber = typeof id === 'number' && Math.abs(id) < 2 ** 53 && id === Math.trunc(id);
  if (Array.isArray(payload) || (!isText && !isNumber)) return 'no usable request ID';
  const sent = expectedTime(time);
  const isWrong = sent < NOW - tolerance * 1000 || sent > NOW + tolerance * 1000;
  return tolerance !== 0 && isWrong ? 'wrong time' : 'ok';
}

/** Texts without a zone are UTC; NaN if it can't be told. */
function expectedTime(time: unknown): number {
  if (typeof time === 'number') {
    // Seconds, milliseconds or microseconds, by how large the number is.
    if (time < 100e9) return time * 1000;
    if (time < 1e14) return time;
    return time < 1e17 ? time / 1000 : NaN;
  }
  if (typeof time !== 'string') return NaN;
  const hasZone = /(Z|GMT|UTC|[+-]\d{2}(:?\d{2})?)$/i.test(time);
  return new Date(hasZone ? time : `${time}Z`).getTime();
}

import crypto from 'crypto';

import {
  isSuccess,
  refusalStatus,
  toPayload,
  verifyDelivery,
  type AsyncResult,
} from '../../../../nodes/shared/webhook/verify';
import { hostileDeliveries } from '../../../support/hostileDeliveries';
import {
  hmac,
  NOW,
  OTHER_SECRET,
  resultBody,
  SECRET,
  signed,
} from '../../../support/webhookContext';
import { randomFrom } from '../../../../emulator/models/hash';

const BODY = resultBody();

/** The verdict on a delivery: `ok`, or the check that failed. */
function verdict(
  { body = BODY, header }: { body?: Buffer; header?: unknown },
  settings: { secrets?: string[]; tolerance?: number; now?: number } = {},
): string {
  const result = verifyDelivery(body, header, {
    secrets: [SECRET],
    tolerance: 300,
    now: NOW,
    ...settings,
  });
  return result.ok ? 'ok' : result.check;
}

/** The verdict on a body that is signed. */
function signedVerdict(body: Buffer, settings: Parameters<typeof verdict>[1] = {}): string {
  return verdict({ body, header: signed(body, SECRET) }, settings);
}

describe('signature', () => {
  test('a genuine delivery is accepted, with its result as it came', () => {
    const result = verifyDelivery(BODY, signed(BODY, SECRET), {
      secrets: [SECRET],
      tolerance: 300,
      now: NOW,
    });
    expect(result).toStrictEqual({ ok: true, result: JSON.parse(BODY.toString()) });
  });

  const signers = [
    [SECRET],
    [OTHER_SECRET],
    [SECRET, OTHER_SECRET],
    [OTHER_SECRET, SECRET],
    ['whsec_old', SECRET],
    ['whsec_old', 'whsec_older'],
  ];
  const holders = [[SECRET], [OTHER_SECRET], [SECRET, OTHER_SECRET], [OTHER_SECRET, SECRET]];
  test.each(signers.flatMap((by) => holders.map((held) => ({ by, held }))))(
    'signed by $by: accepted if one of $held signed',
    ({ by, held }) => {
      const expected = by.some((secret) => held.includes(secret)) ? 'ok' : 'signature wrong';
      expect(verdict({ header: signed(BODY, ...by) }, { secrets: held })).toBe(expected);
    },
  );

  test('hexadecimal digits in capitals are the same signature', () => {
    expect(verdict({ header: `v1=${hmac(BODY, SECRET).toUpperCase()}` })).toBe('ok');
  });

  test.each([
    ['around the header', `  ${signed(BODY, SECRET)}\t`],
    ['between signatures', `v1=${'0'.repeat(64)} ,  ${signed(BODY, SECRET)}`],
  ])('space %s does not matter', (_, header) => {
    expect(verdict({ header })).toBe('ok');
  });

  test('a genuine signature counts after others of another kind', () => {
    expect(verdict({ header: `v0=abc,,nonsense,v1=,${signed(BODY, SECRET)}` })).toBe('ok');
  });

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['a header of spaces', ' \t '],
    ['null', null],
    ['a number', 7],
    ['a list of headers', [signed(BODY, SECRET)]],
  ])('%s is a missing signature', (_, header) => {
    expect(verdict({ header })).toBe('signature missing');
  });

  const hex = hmac(BODY, SECRET);
  test.each([
    ['one by another secret', signed(BODY, OTHER_SECRET)],
    ['one with a digit less', `v1=${hex.slice(0, -1)}`],
    ['one with a byte less', `v1=${hex.slice(0, -2)}`],
    ['one with a digit more', `v1=${hex}0`],
    ['one with a byte more', `v1=${hex}00`],
    ['one with a digit that is not hexadecimal', `v1=g${hex.slice(1)}`],
    ['one with a digit of another alphabet', `v1=０${hex.slice(1)}`],
    ['an empty one', 'v1='],
    ['another version', `v0=${hex}`],
    ['no version', hex],
    ['space after the version', `v1= ${hex}`],
    ['base64', `v1=${Buffer.from(hex, 'hex').toString('base64')}`],
    ['two in one without a comma', `v1=${hex}v1=${hex}`],
    ['two separated by a semicolon', `${signed(BODY, OTHER_SECRET)};${signed(BODY, SECRET)}`],
    ['one with a line break and more after it', `v1=${hex}\nx`],
  ])('%s is wrong', (_, header) => {
    expect(verdict({ header })).toBe('signature wrong');
  });

  test('a body with one byte changed anywhere is refused', () => {
    const header = signed(BODY, SECRET);
    const verdicts = [...BODY.keys()].map((at) => {
      const body = Buffer.from(BODY);
      body[at] = (body[at] as number) ^ 1;
      return verdict({ body, header });
    });
    expect(new Set(verdicts)).toStrictEqual(new Set(['signature wrong']));
  });

  test('a signature with one digit changed anywhere is refused', () => {
    const verdicts = [...hex].map((digit, at) =>
      verdict({ header: `v1=${hex.slice(0, at)}${digit === '0' ? '1' : '0'}${hex.slice(at + 1)}` }),
    );
    expect(new Set(verdicts)).toStrictEqual(new Set(['signature wrong']));
  });

  test('the raw bytes are signed, not the JSON that they hold', () => {
    const spaced = Buffer.from(JSON.stringify(JSON.parse(BODY.toString()), null, 1));
    expect(verdict({ body: spaced, header: signed(BODY, SECRET) })).toBe('signature wrong');
  });

  test('an empty body with its own signature is not JSON', () => {
    expect(signedVerdict(Buffer.alloc(0))).toBe('not JSON');
  });

  test('an empty body under the signature of another is refused', () => {
    expect(verdict({ body: Buffer.alloc(0), header: signed(BODY, SECRET) })).toBe(
      'signature wrong',
    );
  });

  test('10 MB are verified', () => {
    const body = resultBody({ data: 'x'.repeat(10_000_000) });
    expect(signedVerdict(body)).toBe('ok');
  });

  test('a header of 100,000 signatures is refused', () => {
    expect(
      verdict({ header: `${`v1=${'0'.repeat(64)},`.repeat(100_000)}${signed(BODY, SECRET)}` }),
    ).toBe('signature wrong');
  });

  test('without secrets the signature is not checked', () => {
    expect(
      [undefined, 'v1=forged'].map((header) => verdict({ header }, { secrets: [] })),
    ).toStrictEqual(['ok', 'ok']);
  });
});

test.each([
  ['the first', [SECRET, 'whsec_x', 'whsec_y'], 'ok'],
  ['the last', ['whsec_x', 'whsec_y', SECRET], 'ok'],
  ['none', ['whsec_x', 'whsec_y', 'whsec_z'], 'signature wrong'],
])(
  'every signature is compared with every secret in constant time, whichever is right (%s)',
  (_, signers, expected) => {
    const header = signed(BODY, ...signers);
    const compare = jest.spyOn(crypto, 'timingSafeEqual');
    expect(verdict({ header }, { secrets: [SECRET, OTHER_SECRET] })).toBe(expected);
    expect(compare).toHaveBeenCalledTimes(6);
    compare.mockRestore();
  },
);

test.each([
  [10, 'ok'],
  [11, 'signature wrong'],
])('a genuine signature in place %i: %s', (place, expected) => {
  const others = Array.from({ length: place - 1 }, () => `v1=${'0'.repeat(64)}`);
  expect(verdict({ header: [...others, signed(BODY, SECRET)].join(',') })).toBe(expected);
});

describe('time', () => {
  test.each([
    ['now', 0, 'ok'],
    ['at the end of the tolerance', 300_000, 'ok'],
    ['just after it', 300_001, 'too old'],
    ['a day ago', 86_400_000, 'too old'],
    ['ahead of this clock, within the tolerance', -300_000, 'ok'],
    ['further ahead of this clock', -300_001, 'too old'],
  ])('sent %s (%i ms): %s', (_, age, expected) => {
    expect(signedVerdict(BODY, { now: NOW + age })).toBe(expected);
  });

  test('tolerance 0 takes any age', () => {
    expect(signedVerdict(BODY, { now: NOW + 10 * 365 * 86_400_000, tolerance: 0 })).toBe('ok');
  });

  test('a time zone is understood', () => {
    expect(signedVerdict(resultBody({ time: '2026-01-01T13:00:00.123456+01:00' }))).toBe('ok');
  });

  test('a delivery that is both forged and old is called forged', () => {
    expect(verdict({ header: signed(BODY, OTHER_SECRET) }, { now: NOW + 86_400_000 })).toBe(
      'signature wrong',
    );
  });
});

describe('shape', () => {
  test.each([
    '',
    ' ',
    'hello',
    '{',
    '{"request_id":',
    '<html></html>',
    '\ufeff{}',
    '{"a":1}{"a":1}',
    'NaN',
    "{'a':1}",
  ])('%j is not JSON', (text) => {
    expect(signedVerdict(Buffer.from(text))).toBe('not JSON');
  });

  test.each([
    '[]',
    'null',
    '7',
    '"text"',
    'true',
    '{}',
    '[{"request_id":"r"}]',
    '{"__proto__":{"request_id":"r"}}',
  ])('%s is not an async result', (text) => {
    expect(signedVerdict(Buffer.from(text))).toBe('not an async result');
  });

  test.each([
    { request_id: undefined },
    { request_id: null },
    { request_id: '' },
    { request_id: 7 },
    { request_id: ['r'] },
    { request_id: 'x'.repeat(201) },
    { type: undefined },
    { type: 'async_request_started' },
    { type: ['async_request_completed'] },
    { time: undefined },
    { time: null },
    { time: '' },
    { time: 'yesterday' },
    { time: NOW },
    { errors: {} },
    { errors: 'none' },
    { errors: 0 },
    { errors: false },
  ])('a result with %j is not an async result', (fields) => {
    expect(signedVerdict(resultBody(fields))).toBe('not an async result');
  });

  test.each([{ errors: null }, { errors: undefined }])('%j means no errors', (fields) => {
    const body = resultBody(fields);
    const result = verifyDelivery(body, signed(body, SECRET), {
      secrets: [SECRET],
      tolerance: 300,
      now: NOW,
    });
    expect(result).toMatchObject({ ok: true, result: { errors: [] } });
  });

  test.each([
    { data: null },
    { data: undefined },
    { data: [1] },
    { data: 'text' },
    { model_id: undefined, chain_id: 'c' },
    { extra: 1 },
    { request_id: 'x'.repeat(200) },
  ])('a result with %j is an async result', (fields) => {
    expect(signedVerdict(resultBody(fields))).toBe('ok');
  });

  test('a field called __proto__ changes no prototype', () => {
    const body = Buffer.from(BODY.toString().replace('{', '{"__proto__":{"polluted":true},'));
    const result = verifyDelivery(body, signed(body, SECRET), {
      secrets: [SECRET],
      tolerance: 300,
      now: NOW,
    });
    expect(result.ok && Object.getPrototypeOf(result.result)).toBe(Object.prototype);
  });
});

const FUZZ_SEED = 20260101;
describe(`10,000 hostile deliveries (seed ${FUZZ_SEED})`, () => {
  test('none is accepted, and none makes the verification throw', () => {
    const next = hostileDeliveries(FUZZ_SEED);
    const verdicts = new Map<string, number>();
    for (let count = 0; count < 10_000; count++) {
      const { body, headers } = next();
      const result = verdict({ body, header: headers['x-baseten-signature'] });
      verdicts.set(result, (verdicts.get(result) ?? 0) + 1);
    }
    expect([...verdicts.keys()].sort()).toStrictEqual(['signature missing', 'signature wrong']);
  });

  test('without secrets, only what has the shape of a result is accepted', () => {
    const next = hostileDeliveries(FUZZ_SEED);
    for (let count = 0; count < 10_000; count++) {
      const { body, headers } = next();
      const result = verifyDelivery(body, headers['x-baseten-signature'], {
        secrets: [],
        tolerance: 0,
        now: NOW,
      });
      if (!result.ok) continue;
      const { request_id, type, time, errors } = result.result;
      const checks = [
        typeof request_id,
        type,
        Number.isNaN(Date.parse(time)),
        Array.isArray(errors),
      ];
      expect(checks).toStrictEqual(['string', 'async_request_completed', false, true]);
    }
  });

  test('a genuine signature with changed bytes is never accepted', () => {
    const random = randomFrom(FUZZ_SEED);
    const genuine = Buffer.from(signed(BODY, SECRET));
    let taken = 0;
    for (let count = 0; count < 10_000; count++) {
      const header = Buffer.from(genuine);
      // The prefix is kept; a change of case would not count as a change.
      const at = 3 + Math.floor(random() * (header.length - 3));
      header[at] = ((header[at] as number) + 1 + Math.floor(random() * 5)) & 127;
      if (verdict({ header: header.toString('latin1') }) === 'ok') taken++;
    }
    expect(taken).toBe(0);
  });
});

test.each([
  ['signature missing', 401],
  ['signature wrong', 401],
  ['too old', 401],
  ['not JSON', 400],
  ['not an async result', 400],
] as const)('%s gets status %i', (check, status) => {
  expect(refusalStatus(check)).toBe(status);
});

describe('payload', () => {
  const result = JSON.parse(BODY.toString()) as AsyncResult;
  const failed: AsyncResult = {
    ...result,
    data: null,
    errors: [{ code: 'MODEL_PREDICT_ERROR', message: 'no' }],
  };

  test.each([
    [result, true],
    [failed, false],
  ])('a result without errors is a success', (each, expected) => {
    expect(isSuccess(each)).toBe(expected);
  });

  test('it is what came, whether it succeeded, and the metadata', () => {
    expect(toPayload(failed, { order: 7 })).toStrictEqual({
      ...failed,
      succeeded: false,
      metadata: { order: 7 },
    });
  });

  test('metadata that was changed on the way is dropped, and the item says so', () => {
    expect(toPayload(result, undefined)).toStrictEqual({
      ...result,
      succeeded: true,
      metadata: {},
      metadataInvalid: true,
    });
  });
});

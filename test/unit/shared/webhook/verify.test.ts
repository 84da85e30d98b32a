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
    ['before the equals sign', `v1 =${hmac(BODY, SECRET)}`],
    ['after the equals sign', `v1=  ${hmac(BODY, SECRET)}`],
    ['on both sides of the equals sign', `v1 = ${hmac(BODY, SECRET)}, v1 = ${'0'.repeat(64)}`],
  ])('space %s does not matter', (_, header) => {
    expect(verdict({ header })).toBe('ok');
  });

  test.each([',', ';', ' ', '\t', ' ; ', ',,', '; ,'])(
    '%j may stand between signatures',
    (between) => {
      const headers = [
        [SECRET, OTHER_SECRET],
        [OTHER_SECRET, SECRET],
      ].map((by) => by.map((secret) => signed(BODY, secret)).join(between));
      expect(headers.map((header) => verdict({ header }))).toStrictEqual(['ok', 'ok']);
    },
  );

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
    ['base64', `v1=${Buffer.from(hex, 'hex').toString('base64')}`],
    ['two in one without a comma', `v1=${hex}v1=${hex}`],
    ['one with something else right before it', `xv1=${hex}`],
    ['one with something else right after it', `v1=${hex}x`],
    ['one with a colon after it', `v1=${hex}:`],
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
  [11, 'ok'],
  [250, 'ok'],
  [251, 'signature wrong'],
])('a genuine signature in place %i: %s', (place, expected) => {
  const others = Array.from({ length: place - 1 }, () => `v1=${'0'.repeat(64)}`);
  expect(verdict({ header: [...others, signed(BODY, SECRET)].join(',') })).toBe(expected);
});

describe('time', () => {
  test.each([
    ['now', 0, 'ok'],
    ['at the end of the tolerance', 300_000, 'ok'],
    ['just after it', 300_001, 'wrong time'],
    ['a day ago', 86_400_000, 'wrong time'],
    ['ahead of this clock, within the tolerance', -300_000, 'ok'],
    ['further ahead of this clock', -300_001, 'wrong time'],
  ])('sent %s (%i ms): %s', (_, age, expected) => {
    expect(signedVerdict(BODY, { now: NOW + age })).toBe(expected);
  });

  test.each([
    [301_400, -301],
    [-301_400, 301],
  ])('%i ms after it was sent, the verdict has the difference with its sign: %i s', (age, off) => {
    const settings = { secrets: [SECRET], tolerance: 300, now: NOW + age };
    expect(verifyDelivery(BODY, signed(BODY, SECRET), settings)).toStrictEqual({
      ok: false,
      check: 'wrong time',
      requestId: 'req-1',
      secondsOff: off,
    });
  });

  test('tolerance 0 takes any age', () => {
    expect(signedVerdict(BODY, { now: NOW + 10 * 365 * 86_400_000, tolerance: 0 })).toBe('ok');
  });

  const seconds = NOW / 1000;
  test.each([
    ['a zone', '2026-01-01T13:00:00.123456+01:00'],
    ['a zone without a colon', '2026-01-01T13:00:00+0100'],
    ['microseconds', '2026-01-01T12:00:00.123456Z'],
    ['a small z', '2026-01-01T12:00:00z'],
    ['no zone, which is UTC', '2026-01-01T12:00:00.123456'],
    ['no zone and a space, as databases write it', '2026-01-01 12:00:00'],
    ['the form of HTTP', 'Thu, 01 Jan 2026 12:00:00 GMT'],
    ['seconds since 1970', seconds],
    ['fractions of a second since 1970', seconds + 0.25],
    ['milliseconds since 1970', NOW],
    ['microseconds since 1970', NOW * 1e3],
  ])('with %s is understood', (_, time) => {
    const body = resultBody({ time });
    const ages = [0, 301_000, -301_000].map((age) => signedVerdict(body, { now: NOW + age }));
    expect(ages).toStrictEqual(['ok', 'wrong time', 'wrong time']);
  });

  test.each([undefined, null, '', ' ', 'yesterday', [], {}, true, NOW * 1e6, 1e30])(
    'of %j can not be checked, and the delivery is taken',
    (time) => {
      expect(signedVerdict(resultBody({ time }), { now: NOW + 86_400_000 })).toBe('ok');
    },
  );

  test('a delivery that is both forged and old is called forged', () => {
    expect(verdict({ header: signed(BODY, OTHER_SECRET) }, { now: NOW + 86_400_000 })).toBe(
      'signature wrong',
    );
  });
});

test('a time without a zone is never read in the zone of this machine', () => {
  const parse = jest.spyOn(Date, 'parse');
  signedVerdict(resultBody({ time: '2026-01-01T12:00:00' }));
  expect(parse.mock.calls).toStrictEqual([['2026-01-01T12:00:00Z']]);
  parse.mockRestore();
});

describe('shape', () => {
  test.each([
    '',
    ' ',
    'hello',
    '{',
    '{"request_id":',
    '<html></html>',
    '\ufeff\ufeff{}',
    '{"a":1}{"a":1}',
    "{'a':1}",
  ])('%j is not JSON', (text) => {
    expect(signedVerdict(Buffer.from(text))).toBe('not JSON');
  });

  test('a byte order mark before the JSON does not matter', () => {
    expect(signedVerdict(Buffer.concat([Buffer.from('\ufeff'), BODY]))).toBe('ok');
  });

  test.each([
    '[]',
    'null',
    '7',
    '"text"',
    'true',
    'NaN',
    '{}',
    '[{"request_id":"r"}]',
    '{"__proto__":{"request_id":"r"}}',
    '{"type":"API_BILLING_USAGE","data":{"events":"none"}}',
  ])('%s has no usable request ID', (text) => {
    expect(signedVerdict(Buffer.from(text))).toBe('no usable request ID');
  });

  test.each([undefined, null, '', ' ', ['r'], {}, true, 7.5, 1e300])(
    'a request ID of %j is not usable',
    (request_id) => {
      expect(signedVerdict(resultBody({ request_id }))).toBe('no usable request ID');
    },
  );

  const resultOf = (fields: object) => {
    const body = resultBody(fields);
    const settings = { secrets: [SECRET], tolerance: 300, now: NOW };
    const result = verifyDelivery(body, signed(body, SECRET), settings);
    return result.ok ? result.result : result.check;
  };

  test.each([
    ['x'.repeat(10_000), 'x'.repeat(10_000)],
    [7, '7'],
    [0, '0'],
    [' r ', ' r '],
  ])('a request ID of %j is usable, as text', (request_id, expected) => {
    expect(resultOf({ request_id })).toMatchObject({ request_id: expected });
  });

  const read = (text: string) => {
    const body = Buffer.from(text);
    const settings = { secrets: [SECRET], tolerance: 300, now: NOW };
    const result = verifyDelivery(body, signed(body, SECRET), settings);
    return result.ok ? result.result : result.check;
  };

  test('numbers that JavaScript would round come as text, the request ID too', () => {
    expect(read('{"request_id":12345678901234567890,"data":[9007199254740993,7]}')).toMatchObject({
      request_id: '12345678901234567890',
      data: ['9007199254740993', 7],
    });
  });

  test('NaN and Infinity, which Python writes, are null', () => {
    expect(read('{"request_id":"r","data":[NaN,-Infinity,"NaN"]}')).toMatchObject({
      data: [null, null, 'NaN'],
    });
  });

  const error = { code: 'MODEL_PREDICT_ERROR', message: 'no' };
  test.each<[unknown, unknown[]]>([
    [null, []],
    [undefined, []],
    [[], []],
    [{}, []],
    ['', []],
    [0, []],
    [false, []],
    [[error], [error]],
    [['no'], ['no']],
    [error, [error]],
    ['out of memory', [{ code: '', message: 'out of memory' }]],
    [7, [{ code: '', message: '7' }]],
  ])('errors of %j are the list %j', (errors, expected) => {
    expect(resultOf({ errors })).toMatchObject({ errors: expected });
  });

  test.each([
    { data: null },
    { data: undefined },
    { data: [1] },
    { data: 'text' },
    { model_id: undefined, chain_id: 'c' },
    { extra: 1 },
    { type: undefined },
    { type: 'async_request_started' },
    { type: ['async_request_completed'] },
  ])('a result with %j is taken as it came', (fields) => {
    expect(resultOf(fields)).toStrictEqual(JSON.parse(resultBody(fields).toString()));
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

  test('without secrets, only what has a request ID is accepted, as text, with a list of errors', () => {
    const next = hostileDeliveries(FUZZ_SEED);
    for (let count = 0; count < 10_000; count++) {
      const { body, headers } = next();
      const result = verifyDelivery(body, headers['x-baseten-signature'], {
        secrets: [],
        tolerance: 0,
        now: NOW,
      });
      if (!result.ok) continue;
      const { request_id, errors } = result.result;
      const checks = [typeof request_id, request_id === '', Array.isArray(errors)];
      expect(checks).toStrictEqual(['string', false, true]);
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
  ['signature missing', 401, 401],
  ['signature wrong', 401, 401],
  ['wrong time', 503, 503],
  ['not JSON', 503, 400],
  ['no usable request ID', 503, 400],
] as const)('%s gets status %i, or, if nothing is verified, %i', (check, verified, unverified) => {
  expect([refusalStatus(check, true), refusalStatus(check, false)]).toStrictEqual([
    verified,
    unverified,
  ]);
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

  test('metadata that is not verified has a name of its own', () => {
    expect(toPayload(result, {}, { order: 8 })).toStrictEqual({
      ...result,
      succeeded: true,
      metadata: {},
      metadataUnverified: { order: 8 },
    });
  });
});

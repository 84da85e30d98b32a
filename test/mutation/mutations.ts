/** A way to break one step of the verification. */
export interface Mutation {
  /** The step that is broken. */
  step: string;
  /** What the broken step lets through, or refuses. */
  effect: string;
  /**
   * Source file, from `nodes`. The unit tests that must notice lie in the same place in
   * `test/unit`.
   */
  file: string;
  /** Code that the file has exactly once. Spaces and line breaks do not count. */
  from: string;
  /** What stands there instead. */
  to: string;
}

const VERIFY = 'shared/webhook/verify.ts';
const DELIVERY = 'shared/webhook/delivery.ts';
const SECRETS = 'shared/webhook/secrets.ts';
const METADATA = 'shared/webhook/metadata.ts';
const TRIGGER = 'BasetenTrigger/receive.ts';
const WAIT = 'BasetenWait/resume.ts';

/** Several ways to break one step, all in the same file. */
function of(
  file: string,
  step: string,
  ...ways: Array<[effect: string, from: string, to: string]>
): Mutation[] {
  return ways.map(([effect, from, to]) => ({ step, effect, file, from, to }));
}

/** All ways that are tried. */
export const MUTATIONS: Mutation[] = [
  ...of(
    VERIFY,
    'signature present',
    ['secrets are not used', 'if (secrets.length > 0) {', 'if (secrets.length > 9) {'],
    [
      'a missing header is accepted',
      "if (typeof signatureHeader !== 'string' || signatureHeader.trim() === '') return failed('signature missing');",
      "if (typeof signatureHeader !== 'string') return { ok: true, result: JSON.parse(body.toString()) };",
    ],
    [
      'a list of headers is read',
      "typeof signatureHeader !== 'string' ||",
      'signatureHeader === undefined ||',
    ],
    ['an empty header is called wrong', " || signatureHeader.trim() === ''", ''],
    [
      'a wrong signature is accepted',
      "if (!isSigned(body, signatureHeader, secrets)) return failed('signature wrong');",
      '',
    ],
    ['right and wrong are swapped', 'if (!isSigned(body', 'if (isSigned(body'],
  ),
  ...of(
    VERIFY,
    'signature version',
    ['any version is taken', '/^v1=', '/^v\\d='],
    ['no version is taken', '/^v1=', '/^(?:v1=)?'],
    ['anything may stand before it', '/^v1=', '/v1='],
    ['anything may stand after it', '{64})$/i', '{64})/i'],
    ['digits may be missing', '{64})$/i', '{62,64})$/i'],
    ['capitals are wrong', '{64})$/i', '{64})$/'],
    ['space between signatures is wrong', 'exec(part.trim())', 'exec(part)'],
  ),
  ...of(
    VERIFY,
    'HMAC over the raw bytes',
    ['the text is signed, without its spaces', '.update(body)', '.update(body.toString().trim())'],
    [
      'the parsed JSON is signed',
      '.update(body)',
      '.update(JSON.stringify(parseJson(body)) ?? "")',
    ],
    ['the beginning is signed', '.update(body)', '.update(body.subarray(0, 100))'],
    ['nothing is signed', '.update(body)', '.update("")'],
    ['another hash', "createHmac('sha256', secret)", "createHmac('sha3-256', secret)"],
    ['no key', "createHmac('sha256', secret)", "createHmac('sha256', '')"],
    [
      'the key without its beginning',
      "createHmac('sha256', secret)",
      "createHmac('sha256', secret.slice(6))",
    ],
  ),
  ...of(
    VERIFY,
    'constant-time comparison',
    [
      'bytes are compared up to the first difference',
      'timingSafeEqual(given, signature)',
      'given.equals(signature)',
    ],
    [
      'the first match ends it',
      'timingSafeEqual(given, signature) || match',
      'match || timingSafeEqual(given, signature)',
    ],
    [
      'the beginning is compared',
      'timingSafeEqual(given, signature)',
      'timingSafeEqual(given.subarray(0, 31), signature.subarray(0, 31))',
    ],
    ['anything equals', 'timingSafeEqual(given, signature) || match', 'true'],
    [
      'all must match',
      'timingSafeEqual(given, signature) || match',
      'timingSafeEqual(given, signature)',
    ],
  ),
  ...of(
    VERIFY,
    'every secret and signature',
    ['the first secret only', 'secrets.map((secret)', 'secrets.slice(0, 1).map((secret)'],
    ['the last secret only', 'secrets.map((secret)', 'secrets.slice(-1).map((secret)'],
    ['the first signature only', 'slice(0, MOST_SIGNATURES)', 'slice(0, 1)'],
    ['any number of signatures', 'slice(0, MOST_SIGNATURES)', 'slice(0)'],
    [
      'one signature less than allowed',
      'slice(0, MOST_SIGNATURES)',
      'slice(0, MOST_SIGNATURES - 1)',
    ],
    [
      'a bad signature ends the search',
      'if (hex === undefined) continue;',
      'if (hex === undefined) break;',
    ],
  ),
  ...of(
    VERIFY,
    'time, both directions',
    ['time is not checked', 'tolerance > 0 &&', 'tolerance > 1e9 &&'],
    ['any time in the future is taken', 'Math.abs(now - timeOf(payload))', 'now - timeOf(payload)'],
    ['any time in the past is taken', 'Math.abs(now - timeOf(payload))', 'timeOf(payload) - now'],
    ['the end of the tolerance is too old', '> tolerance * 1000', '>= tolerance * 1000'],
    ['a thousand times as long', 'tolerance * 1000', 'tolerance * 1_000_000'],
    ['a second longer', '> tolerance * 1000', '> tolerance * 1000 + 1000'],
    ['tolerance 0 takes nothing', 'tolerance > 0 &&', 'tolerance >= 0 &&'],
  ),
  ...of(
    VERIFY,
    'payload shape',
    [
      'any shape is taken',
      "if (!isAsyncResult(payload)) return failed('not an async result');",
      '',
    ],
    ['what is not JSON is passed on', "if (payload === undefined) return failed('not JSON');", ''],
    [
      'null is looked into',
      'if (!isRecord(payload)) return false;',
      "if (typeof payload !== 'object') return false;",
    ],
    [
      'null is looked into for a time',
      'isRecord(payload) ? payload.time : undefined',
      'payload.time',
    ],
    ['an ID of any type', "typeof request_id === 'string' &&", ''],
    ['an empty ID', "request_id !== '' &&", ''],
    ['an ID of any length', 'request_id.length <= 200 &&', ''],
    ['an ID of 200 characters is too long', 'request_id.length <= 200', 'request_id.length < 200'],
    ['any type of event', "type === 'async_request_completed' &&", ''],
    ['no time', "typeof time === 'string' && !Number.isNaN(Date.parse(time)) &&", ''],
    ['a time that is not a date', '!Number.isNaN(Date.parse(time)) &&', ''],
    [
      'errors of any type',
      '(errors === undefined || errors === null || Array.isArray(errors))',
      'true',
    ],
    ['no errors at all are wrong', 'errors === undefined || ', ''],
    ['errors that are null are wrong', 'errors === null || ', ''],
  ),
  ...of(
    DELIVERY,
    'what is verified',
    [
      'without a secret all is taken',
      'if (verifySignature && secrets.length === 0) {',
      'if (verifySignature && secrets.length < 0) {',
    ],
    ['the signature is never verified', 'secrets: verifySignature ? secrets : []', 'secrets: []'],
    ['the signature is always verified', 'secrets: verifySignature ? secrets : []', 'secrets'],
    ['another header is read', "headers['x-baseten-signature']", "headers['x-signature']"],
    ['any age is taken', 'tolerance,', 'tolerance: 0,'],
    ['the clock stands still', 'now: Date.now()', 'now: 0'],
    ['what is refused is handed on', 'if (verdict.ok) {', 'if (true) {'],
    [
      'a refusal has the status of an accepted delivery',
      'refuse(context, refusalStatus(check),',
      'refuse(context, 200,',
    ],
    ['metadata is not verified', 'readMetadata(query, secrets)', 'readMetadata(query, [])'],
  ),
  ...of(
    DELIVERY,
    'known secrets while reading takes long',
    [
      'a body that they did not sign is refused',
      "typeof signature === 'string' && isSigned(body, signature, secrets) &&",
      '',
    ],
    ['metadata that they did not sign is dropped', '&& isMetadataGenuine(query, secrets)', ''],
    ['they are never used', 'isSigned(body, signature, secrets) &&', 'false &&'],
  ),
  ...of(
    SECRETS,
    'which secrets count',
    [
      'secrets that were read once count forever',
      'if (last && age < FRESH_FOR) return last.secrets;',
      'if (last) return last.secrets;',
    ],
    ['old secrets count forever if reading takes long', 'age >= USABLE_FOR || ', ''],
    ['old secrets refuse what new ones would accept', ' || !isSignedBy(last.secrets)', ''],
    [
      'secrets of a credential that is gone count',
      'reading.then((secrets) => secrets.length === 0 && forget(), forget);',
      'reading.catch(() => undefined);',
    ],
  ),
  ...of(
    TRIGGER,
    'what the trigger verifies',
    [
      'signatures are not verified by default',
      "context.getNodeParameter('verifySignature', true) !== false",
      "context.getNodeParameter('verifySignature', false) !== false",
    ],
    [
      'any value but true switches it off',
      "context.getNodeParameter('verifySignature', true) !== false",
      "context.getNodeParameter('verifySignature', true) === true",
    ],
    [
      'no tolerance by default',
      'whole(options.timestampTolerance, 300, 0)',
      'whole(options.timestampTolerance, 0, 0)',
    ],
    [
      'a tolerance below 0 counts',
      'whole(options.timestampTolerance, 300, 0)',
      'whole(options.timestampTolerance, 300, -9)',
    ],
    [
      'what is refused starts the workflow',
      "if ('refused' in reception) return reception.refused;",
      "if ('refused' in reception) return { workflowData: [[]] };",
    ],
  ),
  ...of(
    TRIGGER,
    'model and outcome filter',
    ['every model is wanted', '(modelIds.length === 0 || modelIds.includes(owner))', 'true'],
    ['an empty filter takes nothing', 'modelIds.length === 0 || ', ''],
    [
      'a part of the ID is enough',
      'modelIds.includes(owner)',
      'modelIds.some((id) => owner.startsWith(id))',
    ],
    ['chains have no ID', 'result.model_id ?? result.chain_id', 'result.model_id'],
    [
      'every outcome is wanted',
      "outcomes.includes(isSuccess(result) ? 'succeeded' : 'failed') &&",
      '',
    ],
    ['outcomes are swapped', "? 'succeeded' : 'failed'", "? 'failed' : 'succeeded'"],
    [
      'what is not wanted is handed over',
      "if (!isWanted(reception.result, settings)) return acceptOnly('not wanted by this workflow');",
      '',
    ],
  ),
  ...of(
    WAIT,
    'request ID match',
    [
      'any request wakes the execution',
      "result.request_id !== context.getNodeParameter('requestId', '')",
      'false',
    ],
    [
      'a request whose ID is a beginning of it does',
      "result.request_id !== context.getNodeParameter('requestId', '')",
      "!String(context.getNodeParameter('requestId', '')).startsWith(result.request_id)",
    ],
    [
      'if nothing is awaited, any request does',
      "result.request_id !== context.getNodeParameter('requestId', '')",
      "result.request_id !== (context.getNodeParameter('requestId', '') || result.request_id)",
    ],
    ['signatures are not verified', 'verifySignature: true', 'verifySignature: false'],
    ['any age is taken', 'tolerance: TOLERANCE', 'tolerance: 0'],
    [
      'what is refused wakes it',
      "if ('refused' in reception) return reception.refused;",
      "if ('refused' in reception) return { workflowData: [[]] };",
    ],
  ),
  ...of(
    METADATA,
    'metadata signature',
    ['it is not verified', 'return secrets.length === 0 || isSigned(', 'return true || isSigned('],
    [
      'unsigned metadata is taken',
      "if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/i.test(signature)) return false;",
      "if (typeof signature !== 'string') return true;",
    ],
    ['a list of signatures is read', "typeof signature !== 'string' ||", ''],
    ['its length does not matter', '!/^[0-9a-f]{64}$/i.test(signature)', 'signature.length < 9'],
    ['anything may stand after it', '{64}$/i.test', '{64}/i.test'],
    ['capitals are wrong', '{64}$/i.test', '{64}$/.test'],
    ['the first secret only', 'secrets.filter((secret)', 'secrets.slice(0, 1).filter((secret)'],
    ['every secret must have signed', '.length > 0;', '.length === secrets.length;'],
    [
      'any signature is accepted',
      'timingSafeEqual(given, sign(value, secret))',
      'given.length > 0',
    ],
    [
      'bytes are compared up to the first difference',
      'timingSafeEqual(given, sign(value, secret))',
      'given.equals(sign(value, secret))',
    ],
    [
      'the first match ends it',
      'secrets.filter((secret) => timingSafeEqual(given, sign(value, secret))).length > 0',
      'secrets.some((secret) => timingSafeEqual(given, sign(value, secret)))',
    ],
    [
      'what is signed could be a body',
      '.update(`${METADATA_PARAMETER}=${value}`)',
      '.update(value)',
    ],
    ['no key', "createHmac('sha256', secret)", "createHmac('sha256', '')"],
    [
      'a signature without its value is nothing',
      'if (value === undefined) return signature === undefined;',
      'if (value === undefined) return true;',
    ],
    ['a list of values is read', "if (typeof value !== 'string') return false;", ''],
    [
      'a list is metadata',
      'isRecord(json) ? json',
      "typeof json === 'object' && json !== null ? json",
    ],
    ['null is metadata', 'isRecord(json) ? json', 'isRecord(json) || json === null ? json'],
  ),
];

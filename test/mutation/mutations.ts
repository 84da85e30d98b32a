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
const URLS = 'shared/webhook/url.ts';
const ACTIVATION = 'BasetenTrigger/activation.ts';
const REDACT = 'shared/errors/redact.ts';
const TRIGGER = 'BasetenTrigger/receive.ts';
const SETTINGS = 'BasetenTrigger/settings.ts';
const SELDOM = 'shared/webhook/seldom.ts';
const WAIT = 'BasetenWait/resume.ts';
const TRANSPORT = 'shared/http/transport.ts';
const HEAD = 'shared/http/responseHead.ts';
const RETRY_AFTER = 'shared/errors/retryAfter.ts';

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
    ['any version is taken', 'v1\\s*=', 'v\\d\\s*='],
    ['no version is taken', 'v1\\s*=', '(?:v1\\s*=)?'],
    ['anything may stand before it', '(?<![^\\s,;])v1', 'v1'],
    ['anything may stand after it', '{64})(?![^\\s,;])/gi', '{64})/gi'],
    ['digits may be missing', '{64})(?!', '{62,64})(?!'],
    ['capitals are wrong', ')/gi;', ')/g;'],
    ['blanks before the equals sign are wrong', 'v1\\s*=', 'v1='],
    ['blanks after the equals sign are wrong', '=\\s*([0-9a-f]', '=([0-9a-f]'],
    ['a semicolon separates nothing', '(?<![^\\s,;])', '(?<![^\\s,])'],
    ['a blank separates nothing', '(?<![^\\s,;])', '(?<![^,;])'],
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
    ['the first signature only', '++count > MOST_SIGNATURES', '++count > 1'],
    ['any number of signatures', 'if (++count > MOST_SIGNATURES) break;', ''],
    ['one signature less than allowed', '++count > MOST_SIGNATURES', '++count >= MOST_SIGNATURES'],
  ),
  ...of(
    VERIFY,
    'time, both directions',
    ['time is not checked', 'tolerance > 0 &&', 'tolerance > 1e9 &&'],
    ['any time in the future is taken', 'Math.abs(millisecondsOff) >', '-millisecondsOff >'],
    ['any time in the past is taken', 'Math.abs(millisecondsOff) >', 'millisecondsOff >'],
    ['the end of the tolerance is too old', '> tolerance * 1000', '>= tolerance * 1000'],
    ['a thousand times as long', 'tolerance * 1000', 'tolerance * 1_000_000'],
    ['a second longer', '> tolerance * 1000', '> tolerance * 1000 + 1000'],
    ['tolerance 0 takes nothing', 'tolerance > 0 &&', 'tolerance >= 0 &&'],
    [
      'the sign of the difference is lost',
      'Math.round(millisecondsOff',
      'Math.round(-millisecondsOff',
    ],
  ),
  ...of(
    VERIFY,
    'reading of the time',
    ['a time without a zone is local', 'HAS_ZONE.test(time) ? time : `${time}Z`', 'time'],
    ['a zone is overwritten', 'HAS_ZONE.test(time) ? time :', ''],
    ['seconds are milliseconds', '[1e3, 1, 1e-3]', '[1, 1e-3]'],
    ['milliseconds are seconds', '[1e3, 1, 1e-3]', '[1e3]'],
    ['microseconds are milliseconds', '[1e3, 1, 1e-3]', '[1e3, 1]'],
    [
      'a time that is missing is long ago',
      "if (typeof time !== 'string') return NaN;",
      "if (typeof time !== 'string') return 0;",
    ],
  ),
  ...of(
    VERIFY,
    'payload shape',
    [
      'a payload without an ID is taken',
      "if (!isRecord(payload) || requestId === undefined) return failed('no usable request ID');",
      "if (!isRecord(payload)) return failed('no usable request ID');",
    ],
    ['what is not JSON is passed on', "if (payload === undefined) return failed('not JSON');", ''],
    [
      'null is looked into',
      'isRecord(payload) ? payload.request_id : undefined',
      'payload.request_id',
    ],
    ['a byte order mark is not JSON', ".replace(BYTE_ORDER_MARK, '')", ''],
    ['an empty ID', "id.trim() === '' ? undefined : id", 'id'],
    ['an ID of blanks', "id.trim() === ''", "id === ''"],
    [
      'an ID that is a number is refused',
      'Number.isSafeInteger(id) ? String(id) : undefined',
      'undefined',
    ],
    ['an ID that was rounded', 'Number.isSafeInteger(id)', 'Number.isFinite(id)'],
    ['an ID stays a number', 'request_id: requestId,', ''],
    ['errors stay as they came', 'errors: toList(payload.errors)', 'errors: payload.errors ?? []'],
    ['one error is none', 'Object.keys(errors).length > 0 ? [errors] : []', '[]'],
    ['no error is one', 'Object.keys(errors).length > 0 ? [errors] : []', '[errors]'],
    [
      'errors that are a text are none',
      "errors ? [{ code: '', message: String(errors) }] : []",
      '[]',
    ],
  ),
  ...of(
    VERIFY,
    'status of a refusal',
    [
      'a signed delivery of a wrong shape is lost',
      "isVerified || check === 'wrong time' ? 503 : 400",
      "check === 'wrong time' ? 503 : 400",
    ],
    [
      'a delivery is lost because of a clock',
      "isVerified || check === 'wrong time' ? 503 : 400",
      'isVerified ? 503 : 400',
    ],
    [
      'a forgery is asked for again',
      "check === 'signature wrong') return 401",
      'false) return 401',
    ],
  ),
  ...of(
    DELIVERY,
    'what is verified',
    [
      'without a secret all is taken',
      "if (verifySignature && secrets.length === 0) return 'no secret';",
      '',
    ],
    ['the signature is never verified', 'secrets: verifySignature ? secrets : []', 'secrets: []'],
    ['the signature is always verified', 'secrets: verifySignature ? secrets : []', 'secrets'],
    ['another header is read', "headers['x-baseten-signature']", "headers['x-signature']"],
    ['any age is taken', 'tolerance, now, });', 'tolerance: 0, now });'],
    ['the clock stands still', 'const now = Date.now();', 'const now = 0;'],
    [
      'a refusal has the status of an accepted delivery',
      'refuse(context, status, `Delivery',
      'refuse(context, 200, `Delivery',
    ],
    [
      'nothing counts as verified',
      'refusalStatus(check, settings.verifySignature)',
      'refusalStatus(check, false)',
    ],
    ['metadata is not verified', '{ secrets, owner:', '{ secrets: [], owner:'],
    ['metadata of any model is taken', 'owner: ownerOf(result)', "owner: 'abcd1234'"],
    ['a chain has no metadata', 'owner: ownerOf(result)', "owner: result.model_id ?? ''"],
    [
      'the path does not count',
      "(request.originalUrl ?? '').replace(/\\?.*/s, '')",
      "'/trigger-1/webhook'",
    ],
    ['the query belongs to the path', ".replace(/\\?.*/s, '')", ''],
  ),
  ...of(
    DELIVERY,
    'known secrets while reading takes long',
    [
      'a body that they did not sign is refused',
      "typeof signature === 'string' && isSigned(body, signature, secrets) &&",
      '',
    ],
    [
      'metadata that they did not sign is not verified',
      '&& (!hasMetadata(delivery) || isMetadataSigned(delivery, secrets))',
      '',
    ],
    ['they are never used', 'isSigned(body, signature, secrets) &&', 'false &&'],
  ),
  ...of(
    DELIVERY,
    'a secret that was entered a moment ago',
    ['it does not count yet', 'if (!otherSecretsMayHelp(judgment))', 'if (true)'],
    ['it does not count for a body', "judgment.check === 'signature wrong'", 'false'],
    ['it does not count for metadata', 'judgment.unverified !== undefined', 'false'],
    [
      'a reading that fails loses a genuine delivery',
      'await again.catch(() => judgment)',
      'await again',
    ],
    [
      'another secret loses a genuine delivery',
      'return isAccepted(better) ? better : judgment;',
      'return toReception(context, better, settings);',
    ],
  ),
  ...of(
    SECRETS,
    'which secrets count',
    [
      'secrets that were read once count forever',
      'if (last && isYounger(last.at, FRESH_FOR)) return last.secrets;',
      'if (last) return last.secrets;',
    ],
    ['old secrets count forever if reading takes long', '!isYounger(last.at, USABLE_FOR) || ', ''],
    ['old secrets refuse what new ones would accept', ' || !isSignedBy(last.secrets)', ''],
    [
      'secrets of a credential that has none count',
      'if (secrets.length === 0) known.delete(id);',
      '',
    ],
    ['a sealed vault stops everything', 'reading.catch(() => secrets)', 'reading'],
    [
      'every delivery tries a sealed vault again',
      'realTime.wait(AGAIN_AFTER).then(forget)',
      'forget()',
    ],
    ['a sealed vault is never tried again', 'void realTime.wait(AGAIN_AFTER).then(forget);', ''],
    ['a reading that never ends stops everything', ', giveUp(ended.signal)', ''],
    ['forgeries cause any number of readings', 'isYounger(last.at, AGAIN_AFTER)', 'false'],
    ['there is one reading again, ever', 'isYounger(last.at, AGAIN_AFTER)', 'true'],
  ),
  ...of(
    TRIGGER,
    'what the trigger verifies',
    ['chains have no ID', 'ownerOf(result)', 'result.model_id'],
    [
      'an option that can not be used loses the result',
      'logSeldom(context,',
      'throw ((...all: unknown[]) => all)(context,',
    ],
    [
      'what is refused starts the workflow',
      "if ('refused' in reception) return reception.refused;",
      "if ('refused' in reception) return { workflowData: [[]] };",
    ],
  ),
  ...of(
    SELDOM,
    'lines that strangers cause',
    ['all are written', 'age < EVERY', 'false'],
    ['one is written, ever', 'age < EVERY', 'true'],
    ['a clock that was set back stops them', 'age >= 0 &&', ''],
  ),
  ...of(
    SETTINGS,
    'the settings of the trigger',
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
    ['no tolerance by default', 'fallback: 300', 'fallback: 0'],
    ['a tolerance below 0 counts', 'range: [0, 1e9]', 'range: [-9, 1e9]'],
    ['no outcomes are taken', 'if (values.length === 0) {', 'if (false) {'],
    [
      'unknown outcomes are taken',
      "values.map((each) => toChoice(each, { label: 'Outcomes', values: OUTCOMES }))",
      'values as string[]',
    ],
    ['what is no list is an empty one', 'if (!values.every(isTextOrNumber)) {', 'if (false) {'],
    ['an option that can not be used is an error', 'return byDefault;', 'throw error;'],
  ),
  ...of(
    TRIGGER,
    'model and outcome filter',
    ['every model is wanted', 'modelIds.length === 0 || modelIds.includes(owner)', 'true'],
    ['an empty filter takes nothing', 'modelIds.length === 0 || ', ''],
    [
      'a part of the ID is enough',
      'modelIds.includes(owner)',
      'modelIds.some((id) => owner.startsWith(id))',
    ],
    ['every outcome is wanted', 'if (!outcomes.includes(outcome))', 'if (false)'],
    ['outcomes are swapped', "? 'succeeded' : 'failed'", "? 'failed' : 'succeeded'"],
    ['what is not wanted is handed over', 'if (unwanted !== undefined) {', 'if (false) {'],
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
    ['an old result is put off', 'tolerance: 0', 'tolerance: 300'],
    [
      'what is refused wakes it',
      "if ('refused' in reception) return reception.refused;",
      "if ('refused' in reception) return { workflowData: [[]] };",
    ],
  ),
  ...of(
    METADATA,
    'metadata signature',
    [
      'it is not verified',
      'secrets.length === 0 || (isMetadataSigned',
      'true || (isMetadataSigned',
    ],
    [
      'a list of signatures is read',
      "if (typeof value !== 'string') return undefined; const [owner",
      'const [owner',
    ],
    ['its length does not matter', '/^[0-9a-f]{64}$/i.test(each)', 'each.length > 9'],
    ['anything may stand after it', '{64}$/i.test', '{64}/i.test'],
    ['capitals are wrong', '{64}$/i.test', '{64}$/.test'],
    ['the first secret signs', 'secrets.slice(0, MOST_SIGNERS)', 'secrets.slice(0, 1)'],
    ['any number of secrets signs', 'secrets.slice(0, MOST_SIGNERS)', 'secrets'],
    [
      'the first secret verifies',
      'for (const secret of secrets) {',
      'for (const secret of secrets.slice(0, 1)) {',
    ],
    [
      'the first signature counts',
      'for (const given of signatures)',
      'for (const given of signatures.slice(0, 1))',
    ],
    ['any signature is accepted', 'timingSafeEqual(given, expected) || match', 'given.length > 0'],
    [
      'bytes are compared up to the first difference',
      'timingSafeEqual(given, expected)',
      'given.equals(expected)',
    ],
    [
      'the first match ends it',
      'timingSafeEqual(given, expected) || match',
      'match || timingSafeEqual(given, expected)',
    ],
    [
      'what is signed could be a body',
      '[`${METADATA_PARAMETER}=${value}`, claims',
      '[value, claims',
    ],
    ['no key', "createHmac('sha256', secret)", "createHmac('sha256', '')"],
    ['a list of values is read', "typeof value !== 'string' || !signature", '!signature'],
    [
      'a list is metadata',
      'isRecord(json) ? json',
      "typeof json === 'object' && json !== null ? json",
    ],
  ),
  ...of(
    METADATA,
    'what metadata is for',
    ['any model', 'signature?.owner === owner &&', ''],
    ['any time', '&& now <= (signature?.expires ?? 0) * 1000', ''],
    ['any path', 'claims, endOf(path)]', "claims, '5f0c-1/webhook']"],
    ['the whole path', 'steps.slice(-2)', 'steps'],
    ['the last step of the path', 'steps.slice(-2)', 'steps.slice(-1)'],
    [
      'claims are not signed',
      'METADATA_PARAMETER}=${value}`, claims,',
      'METADATA_PARAMETER}=${value}`,',
    ],
    ['what is not verified is dropped', 'unverified: metadata ?? value', 'unverified: undefined'],
    [
      'what is not verified counts',
      'return { metadata: {}, unverified',
      'return { metadata: metadata ?? {}, unverified',
    ],
  ),
  ...of(
    METADATA,
    'the rest of the webhook URL',
    [
      'it is written anew',
      'return before + separator + more + after;',
      'return new URL(before + separator + more + after).href;',
    ],
    [
      'what stands behind # is in front',
      'return before + separator + more + after;',
      'return before + after + separator + more;',
    ],
    ['a query gets a second question mark', "!before.includes('?') ?", 'true ?'],
    [
      'metadata that is there already is taken along',
      'searchParams.has(METADATA_PARAMETER) ||',
      '',
    ],
  ),
  ...of(
    URLS,
    'where Baseten can deliver',
    [
      'plain http anywhere',
      "url?.protocol === 'http:' && isLoopback(url.hostname)",
      "url?.protocol === 'http:'",
    ],
    [
      'plain http to this machine is refused',
      "url.protocol !== 'https:' && !isHttp",
      "url.protocol !== 'https:'",
    ],
    ['this machine', 'isBaseten(endpoints) && isPrivate(url.hostname)', 'false'],
    ['custom endpoints do not count', 'isBaseten(endpoints) && isPrivate', 'isPrivate'],
    ['names that only a private network knows', '|| PRIVATE_NAMES.test(name)', ''],
    ['names without a dot', "!name.includes('.') ||", ''],
    [
      'private IPv4 addresses',
      'return isPrivateIpv4(name.split',
      'return false && isPrivateIpv4(name.split',
    ],
    ['shared IPv4 addresses', '(a === 100 && b >= 64 && b < 128) ||', ''],
    ['private IPv4 addresses of 172', 'b >= 16 && b < 32', 'b >= 17 && b < 31'],
    ['IPv4 addresses in IPv6', 'if (embedded !== undefined) {', 'if (false) {'],
    ['private IPv6 addresses', '(f[cd]|fe[89a-f]|ff)', '(ff)'],
    ['a test URL', 'if (!settings.isManual && isTestUrl(url)) {', 'if (false) {'],
    ['a test URL in a manual execution is refused', '!settings.isManual && isTestUrl', 'isTestUrl'],
    ['an address is written anew', '? url.href : text', '? url.href : url.href'],
  ),
  ...of(
    ACTIVATION,
    'what is refused on activation',
    ['an older n8n is taken', 'if (!hostRecordsFirst()) {', 'if (false) {'],
    ['options that can not be used are taken', 'throw error; };', '};'],
    [
      'no secret is taken',
      '(await readSecrets(context)).length > 0',
      '(await readSecrets(context)).length >= 0',
    ],
    [
      'a start of n8n is refused, too',
      'if (!UNATTENDED.includes(',
      'if (true || !UNATTENDED.includes(',
    ],
    ['a leader that changes is refused', "['init', 'leadershipChange']", "['init']"],
  ),
  ...of(
    REDACT,
    'secrets taken out of texts',
    [
      'webhook secrets are shown',
      '[apiKey, managementKey, ...webhookSecrets]',
      '[apiKey, managementKey]',
    ],
    [
      'the key is shown',
      '[apiKey, managementKey, ...webhookSecrets]',
      '[managementKey, ...webhookSecrets]',
    ],
    ['pieces are shown', 'Math.min(writing.piece, form.length)', 'form.length'],
    ['a shorter piece is hidden', 'Math.min(writing.piece, form.length)', '9'],
    ['capitals matter', 'letters: smallLetters(letters)', 'letters'],
    ['every character counts', 'if (!writing.counts(text, at)) continue;', ''],
    ['the first piece only', 'at + length <= form.length', 'at < 1'],
    ['the last piece is forgotten', 'at + length <= form.length', 'at + length < form.length'],
    ['what follows a piece is shown', 'while (end < letters.length &&', 'while (false &&'],
    [
      'the character behind it is shown twice',
      '(places[end - 1] as number) + 1',
      '(places[end - 1] as number)',
    ],
    ['what stood before it is lost', '${text.slice(shownTo, places[at])}${SHOWN}', '${SHOWN}'],
    ['what follows it is lost', 'return shown + text.slice(shownTo);', 'return shown;'],
    ['a short secret is looked for', 'length >= writing.shortest', 'length >= 0'],
    ['a long secret is not looked for', 'length >= writing.shortest', 'length > 99'],
    ['the secrets of the run before count', 'lastSearches?.secrets !== all', '!lastSearches'],
    [
      'the beginning before a cut is shown',
      '!forms.some((form) => form.startsWith(letters.slice(at)))',
      'true',
    ],
    [
      'a middle before a cut is hidden',
      'form.startsWith(letters.slice(at))',
      'form.includes(letters.slice(at))',
    ],
    ['any letter before a cut is hidden', 'Math.ceil(writing.piece / 3)', '1'],
    ['other keys are shown', "'$1 [hidden]'", "'$&'"],
    ['a word behind Bearer is hidden', '(?=[^\\s"\']*\\d)', ''],
  ),
  ...of(
    TRANSPORT,
    'egress policy',
    ['a policy that allows link-local is not seen', "filter !== filterOf('unsafe') ||", ''],
    ['a policy without modes is not seen', '|| !filter.validateConnectionHost(LINK_LOCAL).ok', ''],
    [
      'a context without the question answers it for all',
      'if (!helpers.getSecureEgressFilter) return state.hasEgressPolicy ?? false;',
      'if (!helpers.getSecureEgressFilter) return (state.hasEgressPolicy ??= false);',
    ],
    ['a policy is not followed', '&& !followsEgressPolicy(context, state)', ''],
  ),
  ...of(TRANSPORT, 'no second run', [
    'what may have reached the host is sent again',
    ': wasNotOpened(fetchError);',
    ': true;',
  ]),
  ...of(
    HEAD,
    'one shape for headers',
    ['a second type counts', "type.replace(SECOND_TYPE, '')", 'type'],
    ['a second value is lost', '`${before}, ${text}`', 'before'],
    ['an unknown coding counts', 'codings.every(', 'codings.some('],
    ['the packed length stays', "delete kept['content-length'];", ''],
  ),
  ...of(
    RETRY_AFTER,
    'how long a server asks to wait',
    ['this machine’s clock counts', 'Number.isNaN(sent) ? now : sent', 'now'],
    ['a second number is in the way', '(?=$|\\s*,)', '$'],
    ['a second date is in the way', "FIRST_DATE.exec(header.trim())?.[0] ?? ''", 'header'],
    ['a wait in the past', 'Math.max(0, date - ', '(date - '],
  ),
];

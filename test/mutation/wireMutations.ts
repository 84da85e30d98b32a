import { of, type Mutation } from './mutation';

const TRANSPORT = 'shared/http/transport.ts';
const OVER_FETCH = 'shared/http/overFetch.ts';
const OVER_N8N = 'shared/http/overN8n.ts';
const ATTEMPT = 'shared/http/attempt.ts';
const READ_BODY = 'shared/http/readBody.ts';
const REQUEST_HEADERS = 'shared/http/requestHeaders.ts';
const HEAD = 'shared/http/responseHead.ts';
const HEADER_VALUE = 'shared/connection/headerValue.ts';
const CONNECTION = 'shared/connection/connection.ts';
const ENDPOINTS = 'shared/connection/endpoints.ts';
const CHOICE = 'shared/choice.ts';
const OWNER_URL = 'shared/parameters/ownerUrl.ts';
const REQUESTS = 'shared/async/requests.ts';
const BASETEN_ERROR = 'shared/errors/basetenError.ts';
const RESPONSE_TEXT = 'shared/errors/responseText.ts';
const RETRY_AFTER = 'shared/errors/retryAfter.ts';
const TEXT = 'shared/payload/text.ts';
const STORED_FILE = 'shared/payload/files.ts';
const SPLITTING = 'shared/run/splitting.ts';
const TIME = 'shared/time.ts';

/** Ways to break what keeps requests and responses right on the wire. */
export const WIRE_MUTATIONS: Mutation[] = [
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
  ...of(
    TRANSPORT,
    'no second run',
    ['what may have reached the host is sent again', ': wasNotOpened(fetchError);', ': true;'],
    [
      'what began with 100 Continue is sent again',
      'isUnread ? SAFE_METHODS.includes(request.method)',
      'isUnread ? true',
    ],
  ),
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
  ...of(
    OVER_FETCH,
    'what fetch does not hand over',
    [
      'a 407 is a lost connection',
      'isWithheld ? WITHHELD[String(cause.message)] : undefined',
      'undefined',
    ],
    [
      'a 100 that was not asked for is a lost connection',
      'if (cause?.message === BAD_RESPONSE) throw coded(UNASKED_CONTINUE, error);',
      '',
    ],
    ['a status below 100 is an assertion', "hasCode(error, ['ERR_ASSERTION'])", 'false'],
    ['redirects are followed', "redirect: 'manual',", ''],
  ),
  ...of(
    OVER_N8N,
    'what n8n’s client gives',
    ['a status below 100 is a success', 'if (status < 200) throw invalidStatus(status);', ''],
    [
      'a body that can’t be unpacked is empty',
      'if (formats.length < 2 || formats.length < codingsOf(headers).length)',
      'if (formats.length < 1)',
    ],
    ['codings are taken off in the wrong order', 'formats.reduceRight', 'formats.reduce'],
    ['redirects are followed', 'disableFollowRedirect: true,', ''],
    ['an error status is an exception', 'ignoreHttpStatusErrors: true,', ''],
    [
      'a URL-encoded body is encoded again',
      "if (headers['Content-Type'] !== URL_ENCODED) return headers;",
      'return headers;',
    ],
  ),
  ...of(
    READ_BODY,
    'a status stays what it is',
    [
      'a body that fails changes it',
      '} catch { // The status says what matters. }',
      '} finally {}',
    ],
    ['an endless body is read', 'length < LARGEST_FAILURE_BYTES;', 'true;'],
  ),
  ...of(ATTEMPT, 'a status stays what it is', [
    '300 is a success',
    'return response.status < 300 ?',
    'return response.status <= 300 ?',
  ]),
  ...of(
    ATTEMPT,
    'what is sent again',
    ['a submission that was taken', 'if (startsWork && hasBegun)', 'if (false)'],
    ['what can’t be sent as it is', '!hasBegun && !isNetworkError(error)', 'false'],
    ['what had no response in time', 'if (wasSent && (', 'if (false && ('],
    [
      'nothing: what was never connected is a timeout',
      'const wasSent = hasBegun || !wasNotOpened(error);',
      'const wasSent = true;',
    ],
  ),
  ...of(
    ATTEMPT,
    'words of an error',
    [
      'they show the key',
      'throw withoutSecretsIn(causeOf(error), secretsOf(connection));',
      'throw causeOf(error);',
    ],
    ['they are those of fetch', 'withoutSecretsIn(causeOf(error),', 'withoutSecretsIn(error,'],
  ),
  ...of(
    ATTEMPT,
    'a body that is handed over',
    ['nothing of it is held', 'readStart(heldBytes ?? 1, chunks)', 'readStart(1, chunks)'],
    ['its first bytes may be an error', 'if (failure) return { failure };', ''],
  ),
  ...of(
    REQUEST_HEADERS,
    'headers',
    [
      'the API key manages',
      "key === 'management' ? connection.managementKey : connection.apiKey",
      'connection.apiKey',
    ],
    ['packed responses are asked for', "'Accept-Encoding': 'identity',", ''],
    ['a stream has no length', '...(length !== undefined && {', '...(false && {'],
    ['no header is checked', 'of Object.entries(headers)) {', 'of Object.entries({})) {'],
  ),
  ...of(
    HEADER_VALUE,
    'the one check of headers',
    ['all is taken', 'if (!found) return;', 'return;'],
    ['what nobody sees is shown', 'isSeen ? `the', 'true ? `the'],
    ['places are counted from 0', 'found.index + 1', 'found.index'],
  ),
  ...of(
    CONNECTION,
    'what a credential may hold',
    ['any API key', "checkKey(connection.apiKey, 'API key');", ''],
    [
      'any key for the management API',
      "checkKey(connection.managementKey, 'Management API Key');",
      '',
    ],
    ['no key', "if (connection.apiKey === '') {", 'if (false) {'],
    [
      'unknown Endpoints and Connection',
      'if (!isBlank(credential[name])) toChoice(credential[name], choice);',
      '',
    ],
    [
      'custom URLs count for Baseten’s endpoints',
      "credential.endpoints === 'custom' ? credential : {}",
      'credential',
    ],
  ),
  ...of(
    ENDPOINTS,
    'an ID does not choose the host',
    ['it may', 'if (!isHostFixed(template, kind)) {', 'if (false) {'],
    ['below the domain of a country it may', 'OF_COUNTRIES.test(end) ||', ''],
    ['below the domain of a hoster it may', '|| OF_HOSTERS.includes(end)', ''],
    ['a dot at the end hides a domain', "hostname.replace(/\\.$/, '')", 'hostname'],
    [
      'localhost has no names below it',
      "if (labels.at(-1) === 'localhost') return 'localhost';",
      '',
    ],
  ),
  ...of(
    ENDPOINTS,
    'base URLs',
    ['other braces are sent', '\\p{Cc}{}]/u.test(sample)', '\\p{Cc}]/u.test(sample)'],
    ['a password is taken', "url.username + url.password !== ''", 'false'],
    ['any protocol is taken', "!['http:', 'https:'].includes(url.protocol)", 'false'],
    ['an ID may be Punycode', '(?!xn--)', ''],
    ['dots alone are a name', "|| text === '.' || text === '..'", ''],
  ),
  ...of(CHOICE, 'values of a field', [
    'any value is taken',
    'if (chosen !== undefined) return chosen;',
    'return chosen ?? (value as Value);',
  ]),
  ...of(
    OWNER_URL,
    'the target that a URL names',
    ['two slashes hide it', ".filter((step) => step !== '')", ''],
    ['encoded letters hide it', '.map(decoded)', ''],
    ['a path of the model’s own server names one', "if (step === 'sync') return undefined;", ''],
    ['a region is not seen', 'if (region !== undefined) return', 'if (false) return'],
    ['a target that is empty differs', " || nameIn(target) === ''", ''],
  ),
  ...of(
    REQUESTS,
    'async requests',
    [
      'a submission that can’t be read is refused',
      'if (isLost) throw lostRequestIdFailure(subject);',
      '',
    ],
    ['a web page took a submission', "|| isPage(body.toString('utf8'))", ''],
    ['an empty response is no loss', 'body.length === 0 ||', ''],
    ['a submission may be sent again', 'startsWork: true,', ''],
    [
      'a lost cancellation is none',
      'if (said.canceled || attempts === 1) return said;',
      'return said;',
    ],
    ['a repeat always canceled', "if (status !== 'CANCELED') return said;", ''],
    [
      'a response without a status is one',
      "if (typeof status.status !== 'string' || status.status === '')",
      'if (false)',
    ],
  ),
  ...of(
    BASETEN_ERROR,
    'what an error shows',
    ['a request ID may be the key', 'hide(header) === header', 'true'],
    [
      'charsets don’t count',
      "decodeText(body, headers['content-type'], true)",
      "body.toString('utf8')",
    ],
    ['a refused address is no network error', "syscall === 'connect' ||", ''],
  ),
  ...of(
    RESPONSE_TEXT,
    'the words of a response',
    ['bytes are words', 'if (unreadable > words.length * UNREADABLE) return undefined;', ''],
    ['repeated headers are shown', 'HIDDEN_FIELDS.test(name) ? undefined : value', 'value'],
    ['what was cut may be a piece of a key', 'hidden.slice(0, -CUT_PIECE)', 'hidden'],
  ),
  ...of(
    TEXT,
    'characters',
    ['JSON in UTF-8 is read as Latin-1', "isJson && decoder.encoding === 'windows-1252'", 'false'],
    [
      'a byte order mark stays',
      'text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text',
      'text',
    ],
  ),
  ...of(STORED_FILE, 'a stored file', [
    'it may have changed',
    'chunk === null ? read === length : read <= length',
    'true',
  ]),
  ...of(
    SPLITTING,
    'a refused batch',
    ['one that can’t succeed is sent text by text', 'else if (areAlike &&', 'else if (false &&'],
    ['texts that were not sent fail for nothing', 'areAlike &&= refusal', 'areAlike ||= refusal'],
  ),
  ...of(
    TIME,
    'time',
    ['waits follow the clock of the wall', 'elapsed: () => performance.now()', 'elapsed: Date.now'],
    [
      'a timeout with a fraction is an error',
      'Math.min(Math.max(Math.ceil(milliseconds), 0), LONGEST_LIMIT_MS)',
      'milliseconds',
    ],
  ),
];

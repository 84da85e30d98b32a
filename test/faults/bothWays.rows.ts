import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import type { Respond } from './rawServer';

/** What comes of a call. */
export interface Outcome {
  /** Title of the error; none if the call succeeds. The server's address in it is `HOST`. */
  title?: string;
  /** HTTP status that the error shows. */
  status?: number;
  /** How the words begin that the error shows of the response. */
  answer?: string;
  /** The item's JSON, if the call succeeds. */
  json?: object;
  /** Bytes of the item's file, if it has one. */
  file?: number;
  /** How many requests the server saw. */
  sent: number;
  /** Milliseconds of the pauses between attempts. */
  pauses: number[];
}

/** A response, or another end of a request, that is met on both ways. */
export interface Row {
  name: string;
  /** What the server does. */
  respond: Respond;
  /** Where the request goes; to the server over plain HTTP by default. */
  at?: 'closed' | 'forbidden port' | 'unknown name' | 'HTTPS' | 'plain HTTP' | 'dropping';
  /** What is called; a prediction by default. */
  call: keyof typeof CALLS;
  /** Seconds; 300 by default. */
  timeout?: number;
  /** What must come of it, the same on both ways. */
  outcome: Outcome;
  /** What is different over `fetch`, and why it stays so. */
  overFetch?: Partial<Outcome> & { because: string };
}

/** Max Retries. */
export const RETRIES = 2;
/** ID of the model that is called. */
export const MODEL = 'wire0001';
/** The parameters of each kind of call, besides the model. */
export const CALLS = {
  predict: { operation: 'predict' },
  text: { operation: 'predict', outputFormat: 'text' },
  file: { operation: 'predict', outputFormat: 'file' },
  submit: { operation: 'submitAsync', delivery: 'none' },
  get: { operation: 'callRoute', method: 'GET', route: '/x' },
  /** With status and headers. */
  full: { operation: 'callRoute', method: 'GET', route: '/x' },
  head: { operation: 'callRoute', method: 'HEAD', route: '/x' },
  delete: { operation: 'callRoute', method: 'DELETE', route: '/x' },
  /** Bytes that are URL-encoded already. */
  encoded: { operation: 'predict', inputMode: 'binary', binaryPropertyName: 'data' },
};

const URL_ENCODED = 'application/x-www-form-urlencoded';
const ENCODED = 'a=1&b=%20';
/** The item that is sent. */
export const ITEM_SENT = {
  json: {},
  binary: { data: { data: Buffer.from(ENCODED).toString('base64'), mimeType: URL_ENCODED } },
};

const SAID = 'The server said so.';
const REFUSAL = JSON.stringify({ error: SAID });
const OK = { ok: true };
const GOOD = JSON.stringify(OK);
const LONG = JSON.stringify({ list: Array.from({ length: 500 }, (_, n) => `value ${n}`) });
const JSON_TYPE = 'content-type: application/json';
const TEXT_TYPE = 'content-type: text/plain';
const FILE_TYPE = 'content-type: application/octet-stream';
const CHUNKED = 'transfer-encoding: chunked';
/** Bytes: more than are held before a file is stored. */
const LARGE_FILE = 2_000_000;

// ------------------------------------------------------------------ what a server does

type Bytes = string | Buffer;
const joined = (pieces: Bytes[]) => Buffer.concat(pieces.map((piece) => Buffer.from(piece)));

/** Says what came. */
const echo: Respond = (socket, { headers, body }) => {
  const json = JSON.stringify({ type: headers['content-type'], body });
  socket.write(response(200, json, JSON_TYPE));
};

/** Sends bytes and keeps the connection. */
const send =
  (...pieces: Bytes[]): Respond =>
  (socket) =>
    void socket.write(joined(pieces));

/** Sends bytes and ends the connection. */
const sendAndEnd =
  (...pieces: Bytes[]): Respond =>
  (socket) =>
    void socket.end(joined(pieces));

/** Sends bytes and, when they are likely to be read, resets the connection. */
const sendAndReset =
  (...pieces: Bytes[]): Respond =>
  (socket) =>
    void socket.write(joined(pieces), () => setTimeout(() => socket.resetAndDestroy(), 20));

/** Does one thing to the first request, and another to the next ones. */
const first =
  (once: Respond, later: Respond): Respond =>
  (socket, request, attempt) =>
    (attempt === 0 ? once : later)(socket, request, attempt);

const after =
  (milliseconds: number, respond: Respond): Respond =>
  (socket, request, attempt) =>
    void setTimeout(() => respond(socket, request, attempt), milliseconds);

const nothing: Respond = () => undefined;
const reset: Respond = (socket) => void socket.resetAndDestroy();

const endless: Respond = (socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write('x'.repeat(16_384)));
  };
  socket.on('drain', more).write(head(400, TEXT_TYPE));
  more();
};

function head(status: number, ...headers: string[]): string {
  return [`HTTP/1.1 ${status} Said`, ...headers, '', ''].join('\r\n');
}

/** A whole response. */
function response(status: number, body: Bytes, ...headers: string[]): Buffer {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return joined([head(status, length, ...headers), body]);
}

const good = response(200, GOOD, JSON_TYPE);
const file = (bytes: number) => response(200, Buffer.alloc(bytes), FILE_TYPE);
const refusal = (status: number, ...headers: string[]) =>
  response(status, REFUSAL, JSON_TYPE, ...headers);
/** A response whose body is shorter than its head says. */
const cut = (status: number, body: string) => [
  head(status, JSON_TYPE, 'content-length: 500'),
  body,
];
const cutRefusal = (status: number) => cut(status, '{"error":"The serv');
const packed = (coding: string, body: Buffer, type = JSON_TYPE) =>
  send(response(200, body, type, `content-encoding: ${coding}`));
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const LAST_CHUNK = '0\r\n\r\n';
const chunked = (...pieces: string[]) =>
  [head(200, JSON_TYPE, 'transfer-encoding: chunked'), ...pieces].join('');
const changed = (from: string, to: string) => send(good.toString().replace(from, to));

// ------------------------------------------------------------------ what must come of it

const [PREDICTION, ROUTE] = [`model ${MODEL}`, `model ${MODEL}, route /x`];
const BACKOFF = [250, 500];
const once = { sent: 1, pauses: [] };
const repeated = { sent: 1 + RETRIES, pauses: BACKOFF };

const ITEM: Outcome = { json: OK, ...once };
const refused = (status: number, title: string, more: Partial<Outcome> = {}): Outcome => ({
  title,
  status,
  answer: SAID,
  ...once,
  ...more,
});
const UNAUTHORIZED = 'Baseten refused the API key';
const UNREADABLE = `Baseten could not read the request for ${PREDICTION}`;
const UNAVAILABLE = `Baseten could not route the request to ${PREDICTION}`;
const NOT_TAKEN = `Model ${MODEL} refused the input`;
const RAISED = `Model ${MODEL} raised an error`;
const LIMITED = `Baseten’s rate limit was reached for ${PREDICTION}`;
const LOST: Outcome = {
  title: `The connection to HOST failed while calling ${PREDICTION}`,
  ...repeated,
};
const NOT_HTTP: Outcome = { title: `The response of HOST for ${PREDICTION} is not HTTP`, ...once };
const NOT_JSON: Outcome = { title: `The response of ${PREDICTION} is not complete JSON`, ...once };
const late = (subject: string, seconds: number): Outcome => ({
  title: `No complete response from ${subject} within ${seconds} seconds`,
  ...once,
});
const ID_LOST: Outcome = {
  title: `Model ${MODEL} took the request, but the response with its request ID was lost`,
  ...once,
};
const SUBMITTED: Outcome = { json: { request_id: 'r1', metadata: {} }, ...once };
const unsent = (title: string, pauses = BACKOFF): Outcome => ({ title, sent: 0, pauses });
const redirected = (status: number) =>
  refused(
    status,
    `Model ${MODEL} responded with a redirect (${status}), ` +
      'which was not followed, so that the API key goes to no other host',
  );

const UNASKED = {
  title:
    `The response of HOST for ${PREDICTION} began with “100 Continue”, ` +
    'which was not asked for',
  status: undefined,
  json: undefined,
  ...once,
  because:
    'fetch can’t read it, and the request may have run. The next ones go through n8n’s client.',
};
const MISDIRECTED = {
  sent: 2,
  because: 'fetch sends it once more by itself, as HTTP allows: a server that says 421 did nothing',
};
const UNPACKED = {
  ...ITEM,
  title: undefined,
  because: 'Node gives no way to take br off a body that n8n’s client has left packed',
};
const LENIENT = {
  ...ITEM,
  title: undefined,
  because: 'Node’s fetch reads headers less strictly than its older client, and nothing is lost',
};

const echoed = (json: object): Outcome => ({ json, ...once });
const fileOf = (bytes: number): Outcome => ({ json: {}, file: bytes, ...once });
const withHeaders = (headers: object): Outcome => ({
  json: { headers: { 'content-type': 'application/json', ...headers }, statusCode: 200, body: OK },
  ...once,
});

type More = Partial<Omit<Row, 'name' | 'respond' | 'outcome'>>;
const row = (name: string, respond: Respond, outcome: Outcome, more: More = {}): Row => ({
  name,
  respond,
  outcome,
  call: 'predict',
  ...more,
});

const statusRows = (): Row[] => {
  const titles: Array<[number, string, Partial<Outcome>?]> = [
    [400, UNREADABLE],
    [401, UNAUTHORIZED],
    [402, 'Baseten refused the request because of billing'],
    [403, `The API key may not call ${PREDICTION}`],
    [404, `Baseten did not find ${PREDICTION}`],
    [413, `The input for ${PREDICTION} is too large for Baseten`],
    [422, NOT_TAKEN],
    [429, LIMITED, repeated],
    [500, RAISED, repeated],
    [502, `The replica that ran ${PREDICTION} crashed or could not be reached`, repeated],
    [503, UNAVAILABLE, repeated],
    [504, `Model ${MODEL} took longer than Baseten allows`, repeated],
    ...[405, 408, 417, 418, 425, 426, 431, 499, 501, 505, 524, 599, 600, 999].map(
      (status): [number, string] => [status, `Model ${MODEL} responded with status ${status}`],
    ),
  ];
  return titles.map(([status, title, more]) =>
    row(`status ${status}`, send(refusal(status)), refused(status, title, more)),
  );
};

const paused = (headers: string[], pauses: number[], status = 503): Row =>
  row(
    `status ${status}, ${headers.join(', ')}`,
    send(refusal(status, ...headers)),
    refused(status, status === 429 ? LIMITED : UNAVAILABLE, { sent: 1 + pauses.length, pauses }),
  );

const [THEN, LATER] = ['Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:00:09 GMT'];

/** The rows of the table. */
export const ROWS: Row[] = [
  ...statusRows(),
  row('status 407', send(refusal(407)), refused(407, `Model ${MODEL} responded with status 407`), {
    overFetch: { answer: undefined, because: 'fetch does not hand over the response of a 407' },
  }),
  row('status 421', send(refusal(421)), refused(421, `Model ${MODEL} responded with status 421`), {
    overFetch: MISDIRECTED,
  }),
  ...[300, 301, 302, 303, 305, 307, 308].map((status) =>
    row(`status ${status}`, send(refusal(status, 'location: /other')), redirected(status)),
  ),
  row('status 302 without Location', send(refusal(302)), redirected(302)),
  row('status 304', send(head(304)), { ...redirected(304), answer: undefined }),
  ...[201, 202, 203, 206, 226].map((status) =>
    row(`status ${status}`, send(response(status, GOOD, JSON_TYPE)), ITEM),
  ),
  row('status 204', send(head(204)), { ...ITEM, json: {} }),
  row('status 205', send(head(205, 'content-length: 0')), { ...ITEM, json: {} }),
  row('status 205 with a body', send(response(205, GOOD, JSON_TYPE)), ITEM, {
    overFetch: { json: {}, because: 'HTTP has no body behind a 205, and fetch reads none' },
  }),

  paused(['retry-after: 7'], [7000, 7000], 429),
  paused(['retry-after: 1', 'retry-after: 1'], [1000, 1000], 429),
  paused(['retry-after: 2, 5'], [2000, 2000]),
  paused(['retry-after: 1.5'], [1500, 1500]),
  paused(['retry-after: -5'], BACKOFF),
  paused(['retry-after: soon'], BACKOFF),
  paused(['retry-after: 121'], []),
  paused(['retry-after: 99999999999'], []),
  paused([`date: ${THEN}`, `retry-after: ${LATER}`], [9000, 9000]),
  paused([`date: ${THEN}`, `retry-after: ${LATER}`, `retry-after: ${LATER}`], [9000, 9000]),
  paused(
    ['date: Tue, 01 Jan 2036 00:00:00 GMT', 'retry-after: Tue, 01 Jan 2036 00:00:09 GMT'],
    [9000, 9000],
  ),
  paused([`date: ${THEN}`, 'retry-after: Thursday, 01-Jan-26 00:00:09 GMT'], [9000, 9000]),
  paused([`date: ${LATER}`, `retry-after: ${THEN}`], BACKOFF),

  row('JSON', send(good), ITEM),
  row('JSON, Timeout of 2 s', send(good), ITEM, { timeout: 2 }),
  row('JSON after more than half of the timeout', after(1300, send(good)), ITEM, { timeout: 8 }),
  row('no body', send(response(200, '', JSON_TYPE)), { ...ITEM, json: {} }),
  row('no content type', send(response(200, GOOD)), ITEM),
  row('content type twice', send(response(200, GOOD, JSON_TYPE, JSON_TYPE)), ITEM),
  row('a byte order mark before JSON', send(response(200, `\uFEFF${GOOD}`, JSON_TYPE)), ITEM),
  row(
    'text in Latin-1',
    send(response(200, Buffer.from('café', 'latin1'), `${TEXT_TYPE}; charset=iso-8859-1`)),
    { json: { output: 'café' }, ...once },
  ),
  row(
    'a web page with the type of JSON',
    send(response(200, '<html><title>Sign in</title>', JSON_TYPE)),
    NOT_JSON,
  ),
  row('JSON that stops', send(response(200, '{"ok":', JSON_TYPE)), NOT_JSON),
  row('chunks', send(chunked(chunk('{"ok"'), chunk(':true}'), LAST_CHUNK)), ITEM),
  row(
    'chunks with extensions and trailers',
    send(chunked('5;a=b\r\n{"ok"\r\n', chunk(':true}'), '0\r\nx-trailer: 1\r\n\r\n')),
    ITEM,
  ),
  row('a body that ends with the connection', sendAndEnd(head(200, JSON_TYPE), GOOD), ITEM),
  row('HTTP/1.0', sendAndEnd(`HTTP/1.0 200 OK\r\n${JSON_TYPE}\r\n\r\n${GOOD}`), ITEM),
  row(
    'each byte by itself',
    (socket) => good.forEach((byte) => socket.write(Buffer.from([byte]))),
    ITEM,
  ),
  row('bytes behind the response', send(good, 'more'), ITEM),
  row('a second response that was not asked for', send(good, good), ITEM),
  row('Content-Length twice', send(response(200, GOOD, 'content-length: 11')), NOT_HTTP),
  row('two different Content-Lengths', send(response(200, GOOD, 'content-length: 5')), NOT_HTTP),
  row('a Content-Length in letters', send(head(200, 'content-length: x'), GOOD), NOT_HTTP),
  row(
    'Content-Length and chunks',
    send(head(200, 'content-length: 5', 'transfer-encoding: chunked'), chunk(GOOD), LAST_CHUNK),
    NOT_HTTP,
  ),
  row(
    'a Content-Length that is too small',
    send(head(200, JSON_TYPE, 'content-length: 5'), GOOD),
    NOT_JSON,
  ),

  row('gzip', packed('gzip', gzipSync(GOOD)), ITEM),
  row('x-gzip', packed('x-gzip', gzipSync(GOOD)), ITEM),
  row('GZIP in capitals', packed('GZIP', gzipSync(GOOD)), ITEM),
  row('deflate', packed('deflate', deflateSync(GOOD)), ITEM),
  row('deflate without a head', packed('deflate', deflateRawSync(GOOD)), ITEM),
  row('br', packed('br', brotliCompressSync(GOOD)), ITEM),
  row('gzip, gzip', packed('gzip, gzip', gzipSync(gzipSync(GOOD))), ITEM),
  row('deflate, gzip', packed('deflate, gzip', gzipSync(deflateSync(GOOD))), ITEM),
  row('br, gzip', packed('br, gzip', gzipSync(brotliCompressSync(GOOD))), NOT_JSON, {
    overFetch: UNPACKED,
  }),
  row('gzip, br', packed('gzip, br', brotliCompressSync(gzipSync(GOOD))), NOT_JSON, {
    overFetch: UNPACKED,
  }),
  row('compress that is JSON', packed('compress', Buffer.from(GOOD)), LOST, {
    overFetch: { ...ITEM, title: undefined, because: 'only n8n’s client knows this coding' },
  }),
  row('identity', packed('identity', Buffer.from(GOOD)), ITEM),
  row('gzip, identity', packed('gzip, identity', gzipSync(GOOD)), NOT_JSON),
  row('a coding that nobody knows', packed('snappy', gzipSync(GOOD)), NOT_JSON),
  row('gzip that is JSON', packed('gzip', Buffer.from(GOOD)), LOST),
  row('gzip that stops', packed('gzip', gzipSync(LONG).subarray(0, 400)), NOT_JSON),
  // Neither way looks for the end of gzip, so of text nobody sees that the rest is missing.
  row(
    'gzip that stops, as text',
    packed('gzip', gzipSync('one two').subarray(0, 17), TEXT_TYPE),
    { json: { output: 'one tw' }, ...once },
    { call: 'text' },
  ),
  row('gzip of nothing', packed('gzip', Buffer.alloc(0)), { ...ITEM, json: {} }),
  row(
    'gzip with bytes behind it',
    packed('gzip', Buffer.concat([gzipSync(GOOD), Buffer.from('more')])),
    LOST,
  ),
  row(
    'gzip with a wrong checksum',
    packed('gzip', Buffer.concat([gzipSync(GOOD).subarray(0, -8), Buffer.alloc(8)])),
    LOST,
  ),
  row(
    'gzip, gzip that stops',
    packed('gzip, gzip', gzipSync(gzipSync(LONG)).subarray(0, 300)),
    LOST,
    {
      overFetch: { ...NOT_JSON, because: 'fetch does not look for the end of gzip' },
    },
  ),

  row('102 before the response', send(head(102), good), ITEM),
  row('103 before the response', send(head(103, 'link: </x>'), good), ITEM),
  row('100 that was not asked for', send(head(100), good), ITEM, { overFetch: UNASKED }),
  row('100 that was not asked for, GET', send(head(100), good), ITEM, {
    call: 'get',
    overFetch: { sent: 2, because: 'a GET is sent once more, through n8n’s client' },
  }),
  row(
    '101 that was not asked for',
    send(head(101, 'connection: upgrade', 'upgrade: x')),
    late(PREDICTION, 2),
    {
      timeout: 2,
      overFetch: {
        ...LOST,
        because: 'n8n’s client does not notice that there will be no response',
      },
    },
  ),
  row('17 KB of headers', send(response(200, GOOD, JSON_TYPE, `x-long: ${'x'.repeat(17_000)}`)), {
    title: `The response of HOST for ${PREDICTION} has more headers than Node.js reads`,
    ...once,
  }),
  row(
    '300 headers',
    send(response(200, GOOD, JSON_TYPE, ...Array.from({ length: 300 }, (_, n) => `x-${n}: ${n}`))),
    ITEM,
  ),
  row('a header in two lines', send(response(200, GOOD, JSON_TYPE, 'x-a: 1\r\n 2')), NOT_HTTP, {
    overFetch: LENIENT,
  }),
  row(
    'a space between name and colon',
    send(response(200, GOOD, 'content-type : application/json')),
    NOT_HTTP,
    { overFetch: LENIENT },
  ),
  row('a header with bytes over 127', send(response(200, GOOD, JSON_TYPE, 'x-a: é')), ITEM),
  row('a header with a zero byte', send(response(200, GOOD, JSON_TYPE, 'x-a: \0')), NOT_HTTP),
  row('a header without a colon', send(response(200, GOOD, JSON_TYPE, 'nonsense')), NOT_HTTP),
  row('no reason behind the status', changed(' Said', ''), ITEM),
  row('line feeds only', send(good.toString().replaceAll('\r\n', '\n')), NOT_HTTP),
  row('an empty line before the response', send('\r\n', good), ITEM),
  row('HTTP/2.0 in the first line', changed('1.1', '2.0'), ITEM),
  row('a status of two digits', changed('200', '20'), NOT_HTTP),
  row('status 000', changed('200', '000'), NOT_HTTP),
  row('status 099', changed('200', '099'), NOT_HTTP),
  row('a head of one line', sendAndEnd(`HTTP/1.1 200\n\n${GOOD}`), NOT_HTTP, {
    overFetch: LENIENT,
  }),
  row('a space in the name of a header', send(response(200, GOOD, 'x y: 1')), NOT_HTTP, {
    overFetch: LENIENT,
  }),
  row('a status of four digits', changed('200', '2000'), NOT_HTTP),
  row('not HTTP', sendAndEnd('SSH-2.0-OpenSSH_9.2\r\n'), NOT_HTTP),
  row('TLS from a port for HTTP', sendAndEnd(Buffer.from([21, 3, 1, 0, 2, 2, 10])), NOT_HTTP),

  row('the end, and nothing else', sendAndEnd(), LOST),
  row('a reset, and nothing else', reset, LOST),
  row('half a head, and the end', sendAndEnd('HTTP/1.1 200 OK\r\ncontent-'), LOST),
  row('half a head, and nothing more', send('HTTP/1.1 200 OK\r\n'), late(PREDICTION, 2), {
    timeout: 2,
  }),
  row('no response', nothing, late(PREDICTION, 2), { timeout: 2 }),
  row('a head, and nothing more', send(...cut(200, '')), late(PREDICTION, 2), { timeout: 2 }),
  row('half a body, and nothing more', send(...cut(200, '{"ok"')), late(PREDICTION, 2), {
    timeout: 2,
  }),
  row('half a body, and the end', sendAndEnd(...cut(200, '{"ok"')), LOST),
  row('half a body, and a reset', sendAndReset(...cut(200, '{"ok"')), LOST),
  row('half a chunk, and the end', sendAndEnd(chunked('f\r\n{"ok"')), LOST),
  row('no last chunk', sendAndEnd(chunked(chunk(GOOD))), LOST),
  row('a chunk without its size', send(chunked('nonsense\r\n')), LOST),
  row('a chunk of another size', send(chunked(`2\r\n${GOOD}\r\n`, LAST_CHUNK)), LOST),
  row('503 once, and then JSON', first(send(refusal(503)), send(good)), {
    ...ITEM,
    sent: 2,
    pauses: [250],
  }),
  row('half a body once, and then JSON', first(sendAndEnd(...cut(200, '{"ok"')), send(good)), {
    ...ITEM,
    sent: 2,
    pauses: [250],
  }),

  row('401, cut', sendAndEnd(...cutRefusal(401)), {
    ...refused(401, UNAUTHORIZED),
    answer: '{"error":"The serv',
  }),
  row('401, reset', sendAndReset(...cutRefusal(401)), {
    ...refused(401, UNAUTHORIZED),
    answer: '{"error":"The serv',
  }),
  row('401 that stalls', send(...cutRefusal(401)), {
    ...refused(401, UNAUTHORIZED),
    answer: '{"error":"The serv',
  }),
  row('401, not the gzip that it says', send(refusal(401, 'content-encoding: gzip')), {
    ...refused(401, UNAUTHORIZED),
    answer: undefined,
  }),
  row(
    '401, 30,000 levels deep',
    send(response(401, '['.repeat(30_000) + ']'.repeat(30_000), JSON_TYPE)),
    { ...refused(401, UNAUTHORIZED), answer: undefined },
  ),
  row(
    '401, a chunk without its size',
    send(chunked(chunk(REFUSAL), 'nonsense\r\n').replace('200', '401')),
    refused(401, UNAUTHORIZED),
  ),
  row('401, Timeout of 2 s', send(refusal(401)), refused(401, UNAUTHORIZED), { timeout: 2 }),
  row('422, cut', sendAndEnd(...cutRefusal(422)), {
    ...refused(422, NOT_TAKEN),
    answer: '{"error":"The serv',
  }),
  row('503, cut', sendAndEnd(...cutRefusal(503)), {
    ...refused(503, UNAVAILABLE, repeated),
    answer: '{"error":"The serv',
  }),
  row('503 that stalls', send(...cutRefusal(503)), {
    ...refused(503, UNAVAILABLE, repeated),
    answer: '{"error":"The serv',
  }),
  row('400 that never ends', endless, { ...refused(400, UNREADABLE), answer: 'xxxxxxxx' }),
  row(
    '400 in gzip, gzip',
    send(response(400, gzipSync(gzipSync(REFUSAL)), JSON_TYPE, 'content-encoding: gzip, gzip')),
    refused(400, UNREADABLE),
  ),
  row(
    '400 in Latin-1',
    send(
      response(
        400,
        Buffer.from('{"error":"Größe fehlt"}', 'latin1'),
        `${JSON_TYPE}; charset=iso-8859-1`,
      ),
    ),
    { ...refused(400, UNREADABLE), answer: 'Größe fehlt' },
  ),
  row(
    '400 in UTF-16',
    send(response(400, Buffer.from(`\uFEFF${REFUSAL}`, 'utf16le'), JSON_TYPE)),
    refused(400, UNREADABLE),
  ),
  row(
    '500, a gateway’s page',
    send(
      response(500, '<html><head><title>Sorry</title></head></html>', 'content-type: text/html'),
    ),
    { ...refused(500, RAISED, repeated), answer: 'Sorry' },
  ),
  row('500, empty', send(response(500, '')), {
    ...refused(500, RAISED, repeated),
    answer: undefined,
  }),

  row('a small file', send(file(1000)), fileOf(1000), { call: 'file' }),
  row('a large file', send(file(LARGE_FILE)), fileOf(LARGE_FILE), { call: 'file' }),
  row(
    'a file of unknown length that is cut once',
    first(sendAndEnd(head(200, FILE_TYPE, CHUNKED), chunk('x')), send(file(1000))),
    { ...fileOf(1000), sent: 2, pauses: [250] },
    { call: 'file' },
  ),
  row(
    'a large file that is cut after its start',
    sendAndEnd(file(LARGE_FILE).subarray(0, LARGE_FILE - 1)),
    { ...LOST, ...once },
    { call: 'file' },
  ),
  // Packed it is small, and unpacked it is larger than what is held in memory.
  row(
    'a packed file of 101 MB',
    packed('gzip', gzipSync(Buffer.alloc(101_000_000)), FILE_TYPE),
    fileOf(101_000_000),
    { call: 'file' },
  ),

  row(
    'a body that is URL-encoded already',
    echo,
    echoed({ type: `${URL_ENCODED}; charset=utf-8`, body: ENCODED }),
    {
      call: 'encoded',
      overFetch: {
        ...echoed({ type: URL_ENCODED, body: ENCODED }),
        because:
          'n8n’s client would encode such a body once more if no parameter followed its type',
      },
    },
  ),

  row('GET', send(good), ITEM, { call: 'get' }),
  row(
    'GET with its headers',
    send(response(200, GOOD, JSON_TYPE, 'x-a: 1', 'X-A: 2')),
    withHeaders({ 'content-length': '11', 'x-a': '1, 2' }),
    { call: 'full' },
  ),
  row(
    'GET with its headers, one of them twice that may come once',
    send(response(200, GOOD, JSON_TYPE, 'etag: a', 'etag: b')),
    withHeaders({ 'content-length': '11', etag: 'a' }),
    {
      call: 'full',
      overFetch: {
        ...withHeaders({ 'content-length': '11', etag: 'a, b' }),
        because: 'n8n’s client drops the second value of some headers, and fetch joins them',
      },
    },
  ),
  row(
    'GET with its headers, packed',
    packed('gzip', gzipSync(GOOD)),
    withHeaders({ 'content-length': String(gzipSync(GOOD).length) }),
    {
      call: 'full',
      overFetch: {
        ...withHeaders({}),
        because: 'n8n’s client does not say that it unpacked the body, whose length this was',
      },
    },
  ),
  row(
    'GET, status 421',
    send(refusal(421)),
    refused(421, `Model ${MODEL}, route /x responded with status 421`),
    {
      call: 'get',
      overFetch: MISDIRECTED,
    },
  ),
  row('GET after more than half of the timeout', after(1300, send(good)), ITEM, {
    call: 'get',
    timeout: 8,
    overFetch: {
      sent: 2,
      because: 'n8n’s client is asked, too, since nobody knows whether fetch could connect',
    },
  }),
  row('GET, no response', nothing, late(ROUTE, 2), {
    call: 'get',
    timeout: 2,
    overFetch: {
      sent: 2,
      because: 'n8n’s client is asked, too, since nobody knows whether fetch could connect',
    },
  }),
  row(
    'HEAD',
    send(head(200, JSON_TYPE, 'content-length: 11')),
    { ...ITEM, json: {} },
    { call: 'head' },
  ),
  row(
    'HEAD of gzip',
    send(head(200, JSON_TYPE, 'content-length: 11', 'content-encoding: gzip')),
    { ...ITEM, json: {} },
    { call: 'head' },
  ),
  row(
    'HEAD, status 404',
    send(head(404, JSON_TYPE, 'content-length: 11')),
    { ...refused(404, `Baseten did not find ${ROUTE}`), answer: undefined },
    { call: 'head' },
  ),
  row('DELETE', send(good), ITEM, { call: 'delete' }),
  row('DELETE, Timeout of 2 s', send(good), ITEM, { call: 'delete', timeout: 2 }),

  row('a submission', send(response(201, '{"request_id":"r1"}', JSON_TYPE)), SUBMITTED, {
    call: 'submit',
  }),
  row('a submission, 201 cut', sendAndEnd(...cut(201, '{"req')), ID_LOST, { call: 'submit' }),
  row('a submission, 201 reset', sendAndReset(...cut(201, '{"req')), ID_LOST, { call: 'submit' }),
  row('a submission, 201 that stalls', send(...cut(201, '{"req')), ID_LOST, {
    call: 'submit',
    timeout: 2,
  }),
  row(
    'a submission, 201, not the gzip that it says',
    send(response(201, '{"request_id":"r1"}', JSON_TYPE, 'content-encoding: gzip')),
    ID_LOST,
    { call: 'submit' },
  ),
  row('a submission, half of its JSON', send(response(201, '{"req', JSON_TYPE)), ID_LOST, {
    call: 'submit',
  }),
  row('a submission, no body', send(response(201, '', JSON_TYPE)), ID_LOST, { call: 'submit' }),
  row(
    'a submission, gzip that stops',
    packed('gzip', gzipSync(JSON.stringify({ request_id: 'r1', LONG })).subarray(0, 300)),
    ID_LOST,
    { call: 'submit' },
  ),
  row(
    'a submission, a web page',
    send(response(200, '<html><title>Sign in</title>', 'content-type: text/html')),
    NOT_JSON,
    { call: 'submit' },
  ),
  row('a submission, 503', send(refusal(503)), refused(503, UNAVAILABLE, repeated), {
    call: 'submit',
  }),
  row('a submission, reset', reset, LOST, { call: 'submit' }),
  row(
    'a submission, 100 that was not asked for',
    send(head(100), response(201, '{"request_id":"r1"}', JSON_TYPE)),
    SUBMITTED,
    { call: 'submit', overFetch: UNASKED },
  ),

  row(
    'connection refused',
    nothing,
    unsent(`The host HOST refused the connection while calling ${PREDICTION}`),
    { at: 'closed' },
  ),
  row(
    'connection refused, Timeout of 2 s',
    nothing,
    unsent(`The host HOST refused the connection while calling ${PREDICTION}`),
    { at: 'closed', timeout: 2 },
  ),
  row(
    'connection refused, GET, Timeout of 2 s',
    nothing,
    unsent(`The host HOST refused the connection while calling ${ROUTE}`),
    { at: 'closed', call: 'get', timeout: 2 },
  ),
  row(
    'a port that fetch forbids',
    nothing,
    unsent(`The host HOST refused the connection while calling ${PREDICTION}`),
    { at: 'forbidden port' },
  ),
  row('no such host', nothing, unsent(`The host HOST was not found while calling ${PREDICTION}`), {
    at: 'unknown name',
  }),
  row(
    'HTTPS to a port for HTTP',
    nothing,
    unsent(`Could not make a secure connection to HOST while calling ${PREDICTION}`, []),
    { at: 'plain HTTP' },
  ),
  row(
    'a certificate that is not trusted',
    send(good),
    unsent(`This n8n does not trust the certificate of HOST, so ${PREDICTION} was not called`, []),
    { at: 'HTTPS' },
  ),
  row(
    'a network that drops packets',
    nothing,
    { ...late(PREDICTION, 2), sent: 0 },
    { at: 'dropping', timeout: 2 },
  ),
  row(
    'a network that drops packets, GET',
    nothing,
    { ...late(ROUTE, 2), sent: 0 },
    { at: 'dropping', call: 'get', timeout: 2 },
  ),
];

import { Readable } from 'node:stream';
import { drawPng } from './image';
import { ECHO_OPENAPI } from './echoOpenApi';
import { ODD_RESPONSES } from './oddResponses';
import { type Handler, type ModelResponse, type ModelCall, bytes, json, modelError } from './model';

type Route = [
  method: RegExp,
  path: RegExp,
  respond: (call: ModelCall, groups: string[]) => ModelResponse,
];

/** The routes of `echoServer`; `groups` are what its path's pattern captures. */
const ROUTES: Route[] = [
  [/^GET$/, /^\/openapi\.json$/, () => json(ECHO_OPENAPI)],
  [/^GET$/, /^\/health$/, () => json({ status: 'ok' })],
  [/^GET$/, /^\/items$/, (call) => json({ items: ['a', 'b', 'c'], query: queryOf(call) })],
  [
    /./,
    /^\/items\/([^/]+)$/,
    (call, [id]) => json({ id: decodeURIComponent(id!), ...requestOf(call) }),
  ],
  [/./, /^\/echo$/, (call) => json({ ...requestOf(call), content_type: call.contentType })],
  [
    /^GET$/,
    /^\/text$/,
    () => bytes(Buffer.from('Simulated plain text.\n'), 'text/plain; charset=utf-8'),
  ],
  [/^GET$/, /^\/image$/, () => bytes(drawPng('echo', 64, 64), 'image/png')],
  [/^(GET|HEAD|POST)$/, /^\/odd\/(\w+)$/, (_call, [name]) => oddResponse(name!)],
  [/^GET$/, /^\/stream$/, () => threeEvents()],
  [/^GET$/, /^\/bytes\/(\d+)$/, (_call, [size]) => someBytes(Number(size))],
  [
    /./,
    /^\/status\/(\d{3})$/,
    (_call, [status]) => modelError(Number(status), `Simulated answer ${status}.`),
  ],
];

/**
 * The echo model's own server, with routes that cover each kind of request under `sync/{route}`.
 */
export const echoServer: Handler = (call) => {
  let isKnownPath = false;
  for (const [method, path, respond] of ROUTES) {
    const match = path.exec(call.route);
    if (!match) continue;
    if (method.test(call.method)) return respond(call, match.slice(1));
    isKnownPath = true;
  }
  return isKnownPath ? modelError(405, 'Method Not Allowed') : modelError(404, 'Not Found');
};

const queryOf = (call: ModelCall) => Object.fromEntries(call.query);

function requestOf(call: ModelCall) {
  const isJson = call.contentType === 'application/json' && call.body.length > 0;
  const body = isJson ? call.json() : call.body.toString('utf8') || null;
  return { method: call.method, query: queryOf(call), body };
}

function threeEvents(): ModelResponse {
  const events = [1, 2, 3].map((count) => `data: {"count":${count}}\n\n`);
  return {
    headers: { 'content-type': 'text/event-stream' },
    body: Readable.from(events, { objectMode: false }),
  };
}

function oddResponse(name: string): ModelResponse {
  const make = Object.hasOwn(ODD_RESPONSES, name) ? ODD_RESPONSES[name] : undefined;
  return make?.() ?? modelError(404, `One of ${Object.keys(ODD_RESPONSES).join(', ')}`);
}

/** The longest piece that `someBytes` sends at once. */
const PIECE = Buffer.alloc(64 * 1024, 'baseten ');

/**
 * A response of `size` bytes, made as they are read, so that it can be larger than memory should
 * hold.
 */
function someBytes(size: number): ModelResponse {
  let left = size;
  const body = new Readable({
    read() {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
      left -= piece.length;
      this.push(piece.length > 0 ? piece : null);
    },
  });
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) };
  return { headers, body };
}

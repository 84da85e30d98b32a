import { Readable } from 'node:stream';

import type { FaultKind, ModelCall } from '../../emulator';
import { itemAt, HIT } from './cell';
import { FAULTY, type Fault } from './fault';

/** The client waits between half and all of 500 and 1000 ms. With the tests' clock it is half. */
const BACKOFF = [250, 500];
const SUBJECT = `model ${FAULTY}`;
const LOST = (host: string) => `The connection to ${host} failed while calling ${SUBJECT}`;

const status = (
  code: number,
  title: string,
  pauses: number[] = [],
  more: Partial<Fault> = {},
): Fault => ({
  name: `status ${code}`,
  arrange: ({ faults }) =>
    faults.add({ kind: 'status', status: code, match: { modelId: FAULTY }, times: 'always' }),
  title,
  status: code,
  answer: `Simulated fault ${code}.`,
  pauses,
  ...more,
});

const response = (
  name: string,
  body: unknown,
  headers: Record<string, string>,
  more: Partial<Fault>,
): Fault => {
  const code = more.status ?? 200;
  return {
    name,
    arrange: ({ faults }) =>
      faults.add({
        kind: 'status',
        status: code,
        body,
        headers,
        match: { modelId: FAULTY },
        times: 'always',
      }),
    pauses: [],
    ...more,
  };
};

const broken = (kind: 'reset' | 'lost' | 'truncate', name: string, host: string): Fault => ({
  name,
  arrange: ({ faults }) => faults.add({ kind, match: { modelId: FAULTY }, times: 'always' }),
  title: LOST(host),
  pauses: BACKOFF,
});

/** A fault that the emulator knows by name. */
const named = (
  name: string,
  kind: FaultKind,
  more: Partial<Fault> & { arranged?: object },
): Fault => {
  const { arranged, ...fault } = more;
  return {
    name,
    arrange: ({ faults }) =>
      faults.add({ kind, match: { modelId: FAULTY }, times: 'always', ...arranged }),
    pauses: [],
    ...fault,
  };
};

const JSON_TYPE = { 'content-type': 'application/json' };
const HTML_TYPE = { 'content-type': 'text/html' };
const PAGE = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>proxy</body></html>';
const RATE_LIMIT = `Baseten’s rate limit was reached for ${SUBJECT}`;
const MODEL_ERROR = `Model ${FAULTY} raised an error`;
/** What the model with the fault is sent. */
const ECHOED = itemAt(HIT);
const NOT_JSON = `The response of ${SUBJECT} is not complete JSON`;

/**
 * The rows of the matrix.
 * @param at the emulator's host and key, a host that refuses connections, and one whose certificate
 * is not trusted
 * @param now milliseconds on the tests' clock
 */
export function rows(
  at: { emulator: string; apiKey: string; closed: string; untrusted: string },
  now: number,
): Fault[] {
  const everywhere = (host: string, protocol = 'http') => ({
    deploymentUrl: `${protocol}://${host}/{kind}-{id}`,
  });
  return [
    status(400, `Baseten could not read the request for ${SUBJECT}`),
    status(401, 'Baseten refused the API key'),
    status(402, 'Baseten refused the request because of billing'),
    status(403, `The API key may not call ${SUBJECT}`),
    status(404, `Baseten did not find ${SUBJECT}`),
    response(
      'status 413',
      { error: 'Payload of 300000 bytes exceeds the limit of 262144 bytes.' },
      JSON_TYPE,
      {
        status: 413,
        title: `The input for ${SUBJECT} is too large for Baseten`,
        answer: 'Payload of 300000 bytes exceeds the limit of 262144 bytes.',
        hint: /This request had \d+ bytes/,
      },
    ),
    status(422, `Model ${FAULTY} refused the input`),
    status(418, `Model ${FAULTY} responded with status 418`),
    status(429, RATE_LIMIT, BACKOFF),
    status(500, MODEL_ERROR, BACKOFF),
    status(502, `The replica that ran ${SUBJECT} crashed or could not be reached`, BACKOFF),
    status(503, `Baseten could not route the request to ${SUBJECT}`, BACKOFF),
    status(504, `Model ${FAULTY} took longer than Baseten allows`, BACKOFF),
    status(599, `Model ${FAULTY} responded with status 599`),
    {
      ...status(503, `Baseten could not route the request to ${SUBJECT}`, BACKOFF.slice(0, 1)),
      name: 'status 503, once',
      arrange: ({ faults }) =>
        faults.add({ kind: 'status', status: 503, match: { modelId: FAULTY } }),
      times: 1,
    },
    response(
      '429, Retry-After: 7',
      undefined,
      { 'retry-after': '7' },
      {
        status: 429,
        title: RATE_LIMIT,
        answer: 'Simulated fault 429.',
        pauses: [7000, 7000],
      },
    ),
    response(
      '503, Retry-After: a date',
      undefined,
      {
        date: new Date(now).toUTCString(),
        'retry-after': new Date(now + 9000).toUTCString(),
      },
      {
        status: 503,
        title: `Baseten could not route the request to ${SUBJECT}`,
        answer: 'Simulated fault 503.',
        // What counts is the server's own date, which is the same in each response.
        pauses: [9000, 9000],
      },
    ),
    response(
      '503, Retry-After: 600',
      undefined,
      { 'retry-after': '600' },
      {
        status: 503,
        title: `Baseten could not route the request to ${SUBJECT}`,
        answer: 'Simulated fault 503.',
      },
    ),
    response(
      'redirect',
      '',
      { location: '/model-echo0001/production/predict' },
      {
        status: 307,
        title:
          `Model ${FAULTY} responded with a redirect (307), ` +
          'which was not followed, so that the API key goes to no other host',
        pauses: [],
      },
    ),
    response(
      '500, the model’s own shape',
      { errors: [{ loc: ['body', 'n'], msg: 'too small' }] },
      JSON_TYPE,
      {
        status: 500,
        title: MODEL_ERROR,
        answer: 'body.n: too small',
        pauses: BACKOFF,
      },
    ),
    response('500, an object for a message', { error: '[object Object]' }, JSON_TYPE, {
      status: 500,
      title: MODEL_ERROR,
      answer: '{"error":"{…}"}',
      pauses: BACKOFF,
    }),
    response('500, empty', '', {}, { status: 500, title: MODEL_ERROR, pauses: BACKOFF }),
    response(
      '400, repeats the key',
      `unknown key ${at.apiKey}`,
      {},
      {
        status: 400,
        title: `Baseten could not read the request for ${SUBJECT}`,
        answer: 'unknown key [API key]',
      },
    ),
    {
      name: '502, a gateway’s page',
      arrange: ({ faults }) =>
        faults.add({ kind: 'html', match: { modelId: FAULTY }, times: 'always' }),
      title: `The replica that ran ${SUBJECT} crashed or could not be reached`,
      status: 502,
      answer: '502 Bad Gateway',
      hint: /proxy or gateway/,
      pauses: BACKOFF,
    },
    response('200, a web page with the type of JSON', PAGE, JSON_TYPE, {
      title: NOT_JSON,
      hint: /Its title is: Sign in/,
    }),
    response('200, a web page with the type of text', PAGE, HTML_TYPE, { json: { output: PAGE } }),
    response('200, empty', '', JSON_TYPE, { json: {} }),
    {
      name: '200, JSON that stops',
      arrange: ({ faults }) =>
        faults.add({ kind: 'invalidJson', match: { modelId: FAULTY }, times: 'always' }),
      title: NOT_JSON,
      hint: /It starts with: \{"output": \[1, 2,/,
      pauses: [],
    },
    response('200, not JSON', `error: ${at.apiKey}`, JSON_TYPE, {
      title: NOT_JSON,
      hint: /It starts with: error: \[API key\]/,
    }),
    {
      name: 'a response over 100 MB',
      arrange: (emulator) => {
        const piece = Buffer.alloc(1_000_000, ' ');
        const body = () => Readable.from(Array.from({ length: 102 }, () => piece));
        emulator.addModel({
          id: FAULTY,
          name: 'Large',
          handler: () => ({ headers: JSON_TYPE, body: body() }),
        });
      },
      title: `The response of ${SUBJECT} is larger than 100 MB, too large for text or JSON`,
      pauses: [],
    },
    named('200, a wall in between', 'html', {
      arranged: { status: 200, body: PAGE },
      json: { output: PAGE },
    }),
    named('401, cut', 'truncate', {
      arranged: { status: 401 },
      title: 'Baseten refused the API key',
      status: 401,
      answer: '{"error":"Simulated fault 401.',
    }),
    named('503, cut', 'truncate', {
      arranged: { status: 503 },
      title: `Baseten could not route the request to ${SUBJECT}`,
      status: 503,
      answer: '{"error":"Simulated fault 503.","',
      pauses: BACKOFF,
    }),
    named('401, not the gzip that it says', 'notGzip', {
      arranged: { status: 401 },
      title: 'Baseten refused the API key',
      status: 401,
    }),
    named('200, not the gzip that it says', 'notGzip', {
      title: LOST(at.emulator),
      pauses: BACKOFF,
    }),
    named('400, the key as the request’s ID', 'echoKey', {
      arranged: { status: 400 },
      hidesRequestId: true,
      title: `Baseten could not read the request for ${SUBJECT}`,
      status: 400,
      answer: 'Simulated fault 400.',
    }),
    named('more headers than Node reads', 'hugeHeaders', {
      title: `The response of ${at.emulator} for ${SUBJECT} has more headers than Node.js reads`,
    }),
    named('503, Retry-After twice', 'headersTwice', {
      arranged: { status: 503, headers: { 'retry-after': '7' } },
      title: `Baseten could not route the request to ${SUBJECT}`,
      status: 503,
      answer: 'Simulated fault 503.',
      pauses: [7000, 7000],
    }),
    named('200, a byte order mark', 'byteOrderMark', { json: ECHOED }),
    named('200, Latin-1', 'latin1', { json: ECHOED }),
    broken('reset', 'reset before work', at.emulator),
    broken('lost', 'reset after work', at.emulator),
    broken('truncate', 'cut in the response', at.emulator),
    {
      name: 'no response in time',
      arrange: (emulator, endTime) => {
        const handler = async ({ signal }: ModelCall) => {
          const gone = new Promise((resolve) => signal.addEventListener('abort', resolve));
          endTime();
          await gone;
          return { body: '' };
        };
        emulator.addModel({ id: FAULTY, name: 'Slow', handler });
      },
      title: `No complete response from ${SUBJECT} within 300 seconds`,
      pauses: [],
    },
    {
      name: 'no such host',
      credential: everywhere('does-not-exist.invalid'),
      title: 'The host does-not-exist.invalid was not found while calling model echo0001',
      pauses: BACKOFF,
    },
    {
      name: 'connection refused',
      credential: everywhere(at.closed),
      title: `The host ${at.closed} refused the connection while calling model echo0001`,
      pauses: BACKOFF,
    },
    {
      name: 'certificate not trusted',
      credential: everywhere(at.untrusted, 'https'),
      title:
        `This n8n does not trust the certificate of ${at.untrusted}, ` +
        'so model echo0001 was not called',
      pauses: [],
    },
  ];
}

import { inspect } from 'node:util';

import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import {
  responseFailure,
  type BasetenError,
  brokenStreamFailure,
  connectionFailure,
  httpFailure,
  hugeResponseFailure,
  isNetworkError,
  notBasetenFailure,
  notJsonFailure,
  timeoutFailure,
} from '../../../../nodes/shared/errors/basetenError';
import { hidingSecrets, toNodeError } from '../../../../nodes/shared/errors/nodeErrors';
import { readable } from '../../../../nodes/shared/errors/responseText';
import { UserInputError } from '../../../../nodes/shared/errors/userInputError';

const NODE = {
  id: 'b',
  name: 'Baseten',
  type: 'n8n-nodes-baseten.baseten',
  typeVersion: 1,
} as INode;
const KEY = 'AbCd1234.sEcReT/with+signs=and-more';

interface CallSettings {
  headers?: Record<string, string>;
  subject?: string;
  secrets?: string[];
  sentBytes?: number;
}

const failure = (
  status: number,
  body: string | Buffer,
  { headers = {}, ...call }: CallSettings = {},
) =>
  httpFailure(
    { status, headers, body: Buffer.from(body) },
    { subject: 'model abc', secrets: [], ...call },
  );

const lost = (code?: string) =>
  connectionFailure(Object.assign(new Error('socket'), { cause: { code } }), {
    host: 'model-abc.api.baseten.co',
    subject: 'model abc',
  });

describe('a response', () => {
  test("keeps Baseten's own words, code and request ID", () => {
    const body = '{"error":"Model not found","error_code":"model_does_not_exist","detail":"abc"}';
    expect(failure(404, body, { headers: { 'x-baseten-request-id': 'r1' } })).toMatchObject({
      message: 'Baseten did not find model abc',
      detail: 'Model not found — abc',
      code: 'model_does_not_exist',
      requestId: 'r1',
      status: 404,
    });
  });

  test.each([
    ['a nested error', '{"error":{"message":"nope","type":"x"}}', 'nope'],
    ['an error in an error', '{"error":{"error":{"message":"deep"}}}', 'deep'],
    ['a list', '["first","second"]', 'first — second'],
    ['a list of errors', '{"errors":[{"message":"a"},{"detail":"b"}]}', 'a — b'],
    [
      'a validation error',
      '{"detail":[{"loc":["body","text"],"msg":"missing"}]}',
      'body.text: missing',
    ],
    ['the same twice', '{"error":"no","message":"no"}', 'no'],
    ['an object without words', '{"code":5}', '{"code":5}'],
    ['an empty object', '{}', undefined],
    ['null', 'null', undefined],
    ['a number', '5', '5'],
    ['a text', 'upstream connect error', 'upstream connect error'],
    ['a JSON text', '"short"', 'short'],
    ['an object that became a text', '{"error":"[object Object]","message":"real"}', 'real'],
    ['an object within a text', 'Error: [object Object]', 'Error: {…}'],
    [
      'an HTML page',
      '<html><head><title>502 Bad Gateway</title></head><body>…</body></html>',
      '502 Bad Gateway',
    ],
    [
      'an HTML page with a heading',
      '<html><body><h1>502 <b>Bad</b>\nGateway</h1><p>x</body></html>',
      '502 Bad Gateway',
    ],
    ['an HTML page without a title', '<!DOCTYPE html><p>x</p>', undefined],
    ['an HTML page in JSON', '{"error":"<html><title>No route</title></html>"}', 'No route'],
    ['a page in capitals', '<HTML><TITLE LANG="en">Bad Gateway</TITLE>', 'Bad Gateway'],
    ['a page whose title has no end', '<html><title>502</head><h1>Bad Gateway</h1>', 'Bad Gateway'],
    ['a page with a sign in its title', '<html><title>1 < 2 <b>x</b></title>', '1 < 2 x'],
    [
      'a page whose title stands too far behind',
      `<html>${' '.repeat(20_000)}<title>x</title>`,
      undefined,
    ],
    ['JSON that is nested too deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, undefined],
    [
      'a place that is nested too deep',
      `{"loc":[${'['.repeat(30_000)}${']'.repeat(30_000)},"text"],"msg":"missing"}`,
      'text: missing',
    ],
    ['HTML behind a comment', '<!-- gateway --><html><title>Oops</title></html>', 'Oops'],
    ['bytes', Buffer.from([0, 1, 2, 255, 254, 7]), undefined],
    ['nothing', '', undefined],
  ])('with %s is shown in words', (_name, body, detail) => {
    expect(failure(502, body).detail).toBe(detail);
  });

  test('that is a web page gives a hint who may have sent it', () => {
    expect(failure(502, '<html><title>x</title></html>').hint).toMatch(/proxy or gateway/);
    expect(failure(502, 'x').hint).not.toMatch(/proxy or gateway/);
  });

  test('that is long is cut', () => {
    expect(failure(500, 'x'.repeat(5000)).detail).toHaveLength(1001);
  });

  test.each([400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504, 418, 599, 301])(
    'with status %i has a title and a hint, and no placeholder is left in them',
    (status) => {
      const { message, hint } = failure(status, '');
      expect(message).toMatch(/^[A-Z]/);
      expect(hint).toMatch(/\.$/);
      expect(message + hint).not.toMatch(/[{}]|undefined/);
    },
  );

  test('with 413 names the sizes: those in Baseten’s words and what was sent', () => {
    const error = failure(413, '{"error":"Payload of 300000 bytes exceeds 262144 bytes"}', {
      sentBytes: 300_000,
    });
    expect(error.hint).toContain('This request had 300,000 bytes (293 KiB).');
    expect(error.detail).toBe('Payload of 300000 bytes exceeds 262144 bytes');
    expect(failure(413, '', { sentBytes: 123_456_789 }).hint).toContain(
      '123,456,789 bytes (123 MB)',
    );
    expect(failure(413, '').hint).not.toContain('This request');
  });

  test.each([
    ['Model API org/name', /enable the Model API/],
    ['async request r1 of model abc', /an hour after its end/],
    ['model abc', /wake it first/],
  ])('with 404 for %s says what helps there', (subject, hint) => {
    const error = failure(404, '', { subject });
    expect(error.hint).toMatch(hint);
    expect(error.message).toContain(subject);
  });

  test('with something else in place of a request ID does not show it', () => {
    expect(
      failure(500, '', { headers: { 'x-baseten-request-id': '<b>x</b>' } }).requestId,
    ).toBeUndefined();
  });
});

describe('a secret', () => {
  const secrets = [KEY, 'whsec_0123456789abcdef'];
  const url = encodeURIComponent(KEY);
  const base64 = Buffer.from(KEY).toString('base64');
  const hex = Buffer.from(KEY).toString('hex');
  const codes = (text: string) => Array.from(Buffer.from(text)).join('');
  test.each([
    ['the key', KEY],
    ['the key in JSON', JSON.stringify({ error: `not ${KEY}` })],
    ['the key with escapes', `{"error":"\\u0041${KEY.slice(1)}"}`],
    ['the key in a JSON field without words', JSON.stringify({ sent: [KEY] })],
    ['the key for a URL', url],
    ['the key for a URL, in small letters', url.replace(/%../g, (code) => code.toLowerCase())],
    ['the key in base64', Buffer.from(KEY).toString('base64')],
    ['the key behind a name in base64', Buffer.from(`:${KEY}`).toString('base64')],
    ['the key behind a longer name in base64', Buffer.from(`me:x${KEY}`).toString('base64url')],
    ['the start of the key', KEY.slice(0, 20)],
    ['the end of the key', KEY.slice(-20)],
    ['the key with spaces nobody sees', [...KEY].join('\u200b')],
    ['the key with joiners and marks', KEY.replace(/./g, '$&\u2060\ufe0f\u00ad')],
    ['the key with spaces', [...KEY].join(' ')],
    ['the key over several lines', KEY.replace(/.{5}/g, '$&\r\n')],
    ['the key in small letters', KEY.toLowerCase()],
    ['the key in capitals', KEY.toUpperCase()],
    ['the key with tags in it', `<html><title>${KEY.replace(/.{6}/g, '$&<wbr>')}</title></html>`],
    ['the key in base64 over several lines', base64.replace(/.{7}/g, '$&\n')],
    ['the key in hexadecimal', hex],
    ['the key in hexadecimal, with 0x', hex.replace(/../g, '0x$&, ')],
    ['the key in hexadecimal capitals', hex.toUpperCase().replace(/../g, '$&:')],
    ['every character of the key encoded for a URL', hex.replace(/../g, '%$&')],
    ['the key in HTML', hex.replace(/../g, '&#x$&;')],
    ['the key with escapes in escapes', JSON.stringify({ error: hex.replace(/../g, '\\u00$&') })],
    [
      'the key as a list of codes',
      JSON.stringify(`got ${Array.from(Buffer.from(KEY)).join(', ')}`),
    ],
    ['the key behind a thousand characters', `${'x '.repeat(495)}${KEY}`],
    ['the key behind 16 KiB', `${' '.repeat(16 * 1024 - 15)}${KEY}`],
    ['a webhook secret', secrets[1] as string],
    [
      'a header',
      JSON.stringify({
        received: { headers: { authorization: `Bearer ${KEY}`, cookie: 'c=4711' } },
      }),
    ],
    ['another key in a header', 'Authorization: Bearer sk-99887766'],
    ['a page with the key', `<html><title>${KEY}</title></html>`],
  ])('is not shown if the response holds %s', (_name, body) => {
    const { detail = '' } = failure(400, body, { secrets });
    const shown = detail.replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '').toLowerCase();
    const parts = [
      KEY,
      url,
      base64.slice(4, -4),
      KEY.slice(0, 9),
      KEY.slice(2, 12),
      KEY.slice(-12),
      url.slice(-12),
    ];
    for (const part of [...parts, '0123456789', '99887766', '4711'])
      expect(shown).not.toContain(part.toLowerCase());
    const piece = KEY.slice(2, 12);
    expect(shown.replace(/0x|[^0-9a-f]/g, '')).not.toContain(Buffer.from(piece).toString('hex'));
    expect(shown.replace(/\D/g, '')).not.toContain(codes(piece));
  });

  test('is removed alone: words around it, and words that only look like one, stay', () => {
    const words = (text: string) => failure(400, text, { secrets }).detail;
    expect(words(`key ${KEY} is wrong`)).toBe('key [API key] is wrong');
    expect(words('Bearer authentication required')).toBe('Bearer authentication required');
    expect(failure(400, 'a b key-123', { secrets: ['', 'b', 'key-123'] }).detail).toBe(
      'a b [API key]',
    );
  });

  test('is removed from a response that could not be read, too', async () => {
    const work = async () => await Promise.reject(notJsonFailure(`you sent ${KEY}`, 'model abc'));
    await expect(hidingSecrets(secrets, work)).rejects.toMatchObject({
      message: 'The response of model abc is not complete JSON',
      hint: expect.stringContaining('It starts with: you sent [API key]'),
    });
    expect(await hidingSecrets(secrets, async () => 'fine')).toBe('fine');
  });

  test('is removed before a response is cut, so that no part of it stays at the end', async () => {
    for (const before of [150, 189, 190, 191, 195, 196, 199]) {
      const body = 'x'.repeat(before) + KEY;
      const work = async () => await Promise.reject(notJsonFailure(body, 'model abc'));
      const error = toNodeError(
        NODE,
        await hidingSecrets(secrets, work).catch((cause) => cause),
        0,
      );
      expect(error.description).toContain('x'.repeat(before));
      expect(error.description).not.toContain(KEY.slice(0, 4));
    }
  });

  test('is not a request ID', () => {
    for (const id of ['AbCd1234.sEcReT', 'AbCd1234-sEcReT']) {
      const headers = { 'x-baseten-request-id': id };
      expect(failure(500, '', { headers, secrets: [id] }).requestId).toBeUndefined();
    }
    const headers = { 'x-baseten-request-id': 'r1' };
    expect(failure(500, '', { headers, secrets }).requestId).toBe('r1');
  });

  test('is removed from every text of every error', async () => {
    const thrown = async (error: unknown) =>
      await hidingSecrets(secrets, async () => await Promise.reject(error)).catch(
        (cause: unknown) => cause,
      );
    const texts = { hint: KEY, detail: KEY, code: KEY, requestId: KEY, retryAfter: KEY };
    const request = { headers: { Authorization: `Bearer ${KEY}` } };
    const ofHost = new NodeApiError(NODE, { message: KEY }, { message: KEY, description: KEY });
    ofHost.messages = [KEY];
    for (const error of [
      new UserInputError(KEY, KEY),
      Object.assign(responseFailure(KEY, KEY), texts),
      ofHost,
      new NodeOperationError(NODE, KEY, { description: KEY }),
      new NodeOperationError(NODE, new Error('outer', { cause: new Error(KEY) })),
      Object.assign(new TypeError(KEY), { config: request, description: KEY }),
      new Error('outer', { cause: Object.assign(new Error(KEY), { config: request }) }),
      KEY,
    ]) {
      const shown = toNodeError(NODE, await thrown(error), 0);
      const { message, description, messages, stack, cause } = shown;
      const all = inspect([message, description, messages, stack, cause, shown], { depth: 9 });
      expect(all).not.toContain(KEY.slice(0, 10));
      expect(JSON.stringify(shown)).not.toContain(KEY.slice(0, 10));
    }
  });

  test('leaves errors as they are otherwise', async () => {
    const thrown = async (error: unknown) =>
      await hidingSecrets(secrets, async () => await Promise.reject(error)).catch(
        (cause: unknown) => cause,
      );
    const stopped = AbortSignal.abort().reason as Error;
    expect(await thrown(stopped)).toBe(stopped);
    const own = new NodeOperationError(NODE, 'own', { description: 'why' });
    expect(await thrown(own)).toBe(own);
    expect(own).toMatchObject({ message: 'own', description: 'why' });
    expect(await thrown(new TypeError('odd'))).toMatchObject({ name: 'TypeError', message: 'odd' });
    expect(await thrown(undefined)).toBeUndefined();
  });
});

test.each([
  ['ENOTFOUND', 'was not found', true],
  ['EAI_AGAIN', 'could not be looked up', true],
  ['ECONNREFUSED', 'refused the connection', true],
  ['UND_ERR_CONNECT_TIMEOUT', 'Could not connect to', true],
  ['ECONNRESET', 'The connection to model-abc.api.baseten.co failed', true],
  ['UND_ERR_SOCKET', 'The connection to model-abc.api.baseten.co failed', true],
  [undefined, 'The connection to model-abc.api.baseten.co failed', true],
  ['CERT_HAS_EXPIRED', 'not valid at this time', undefined],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'This n8n does not trust the certificate', undefined],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'This n8n does not trust the certificate', undefined],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'issued for another host', undefined],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'Could not make a secure connection', undefined],
  ['HPE_INVALID_CONSTANT', 'not HTTP', undefined],
])('a connection that ends in %s says %s', (code, words, isPassing) => {
  const error = lost(code);
  expect(error.message).toContain(words);
  expect(error.message).toContain('model abc');
  expect(error).toMatchObject({ kind: 'connection', code, isPassing });
});

test.each([
  [{ code: 'EPERM', syscall: 'connect' }, true],
  [{ code: 'EACCES', syscall: 'open' }, false],
  [{ cause: { code: 'UND_ERR_SOCKET' } }, true],
  [{ code: 'UND_ERR_INVALID_ARG' }, false],
])('%j is an error of the network: %p', (error, isOne) => {
  expect(isNetworkError(error)).toBe(isOne);
});

test('of a long text that begins with blanks, no piece of a key is shown where it was cut', () => {
  for (const shown of [4, 9, 20]) {
    const text = ' '.repeat(16 * 1024 - shown) + KEY;
    expect(readable(text, (words) => words)).toBeUndefined();
  }
});

test.each([
  ['ISO-8859-1', Buffer.from('{"error":"Größe fehlt"}', 'latin1')],
  ['UTF-8', Buffer.from('{"error":"Größe fehlt"}')],
  ['utf-16le', Buffer.from('{"error":"Größe fehlt"}', 'utf16le')],
])('the words of a response in %s are read', (charset, body) => {
  const headers = { 'content-type': `application/json; charset=${charset}` };
  expect(failure(400, body, { headers }).detail).toBe('Größe fehlt');
});

test.each([
  ['bytes', '\0\ufffd\0\ufffd', 'It holds binary data.'],
  ['text', '{"half": ', 'It starts with: {"half":'],
  ['a page', '<html><title>Login</title>secret page</html>', 'Its title is: Login'],
])('a response of %s that is not JSON shows how it starts', (_name, text, words) => {
  const { hint } = notJsonFailure(text, 'model abc');
  expect(hint).toContain(words);
  expect(hint).not.toMatch(/<html|secret page/);
});

describe('n8n gets', () => {
  const shown = (error: unknown, itemIndex = 3) =>
    toNodeError(NODE, error, itemIndex) as NodeApiError;

  test('title, description, status and item of every failure', () => {
    const headers = { 'x-baseten-request-id': 'r1' };
    const error = shown(
      failure(500, '{"error":"out of memory","error_code":"application_error"}', { headers }),
    );
    expect(error).toBeInstanceOf(NodeApiError);
    expect(error).toMatchObject({
      message: 'Model abc raised an error',
      httpCode: '500',
      context: { itemIndex: 3 },
    });
    expect(error.description?.split('\n')).toStrictEqual([
      'Look for the cause in the deployment’s logs: Deployment → Get Logs.',
      'Answer: out of memory · Code: application_error · Request ID: r1',
    ]);
  });

  test.each<[string, BasetenError]>([
    ['a lost connection', lost('ECONNRESET')],
    ['a timeout', timeoutFailure(5, 'model abc')],
    ['a broken stream', brokenStreamFailure('model abc', lost('ECONNRESET'))],
    ['a large response', hugeResponseFailure('model abc', 100_000_000)],
    ['an unknown response', notBasetenFailure('model abc')],
    ['a response of another kind', responseFailure('A title', 'A hint.')],
  ])('our own words for %s, without a status', (_name, error) => {
    expect(shown(error)).toMatchObject({ message: error.message, httpCode: null });
    expect(shown(error).description).toContain(error.hint);
    expect(error.message + error.hint).not.toMatch(/[{}]|undefined/);
  });

  test('the title as it is, even if a name in it has letters that n8n looks for', () => {
    expect(shown(failure(422, '', { subject: 'model deepermind' })).message).toBe(
      'Model deepermind refused the input',
    );
  });

  test('a wrong input as an error of the operation', () => {
    expect(shown(new UserInputError('No ID', 'Enter one.'))).toMatchObject({
      message: 'No ID',
      description: 'Enter one.',
      context: { itemIndex: 3 },
    });
  });

  test('an execution that was stopped with the word by which n8n counts it as canceled', () => {
    const stopped = AbortSignal.abort().reason as Error;
    expect(shown(stopped).message).toBe('The execution was canceled');
    expect(shown(stopped).description).toMatch(/nothing more was sent/);
  });

  test('its own errors back, with their item', () => {
    const own = new NodeOperationError(NODE, 'own');
    expect(shown(own)).toBe(own);
    expect(own.context.itemIndex).toBe(3);
  });

  test('an unexpected error in its own words', () => {
    expect(shown(new Error('odd')).message).toBe('odd');
    expect(shown('odd').message).toBe('odd');
  });
});

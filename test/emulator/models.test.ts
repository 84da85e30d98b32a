import { PNG } from 'pngjs';
import {
  CHAIN_IDS,
  MODEL_IDS,
  PACKED_FILE_BYTES,
  deploymentIdFor,
  realClock,
} from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator, type TestEmulator } from './support/testEmulator';
import { eventually } from './support/waiting';

afterEach(stopAll);

const path = (id: string) => `/model-${id}/production/predict`;

test.each([
  ['What a great, lovely day', 'positive'],
  ['This is terrible', 'negative'],
  ['The box is on the table', 'neutral'],
])('sentiment finds "%s" %s', async (text, label) => {
  const { post } = await startTestEmulator();
  const { json } = await post(path(MODEL_IDS.sentiment), { text });
  expect(json.label).toBe(label);
  expect(json.score).toBeGreaterThanOrEqual(0.5);
});

describe('the image generator', () => {
  test('draws a PNG, always the same for a prompt', async () => {
    const { post } = await startTestEmulator();
    const draw = (prompt: string) => post(path(MODEL_IDS.image), { prompt, width: 64, height: 32 });
    const [first, again, other] = [await draw('a cat'), await draw('a cat'), await draw('a dog')];
    expect(first.headers.get('content-type')).toBe('image/png');
    expect(PNG.sync.read(first.bytes)).toMatchObject({ width: 64, height: 32 });
    expect(again.bytes).toEqual(first.bytes);
    expect(other.bytes).not.toEqual(first.bytes);
  });

  test('returns the same PNG as base64 or a data URL in JSON', async () => {
    const { post } = await startTestEmulator();
    const input = { prompt: 'a cat', width: 8, height: 8 };
    const { bytes } = await post(path(MODEL_IDS.image), input);
    const base64 = await post(path(MODEL_IDS.image), { ...input, format: 'base64' });
    expect(Buffer.from(base64.json.image, 'base64')).toEqual(bytes);
    const dataUrl = await post(path(MODEL_IDS.image), { ...input, format: 'data_url' });
    expect(dataUrl.json.image).toBe(`data:image/png;base64,${base64.json.image}`);
  });

  test('refuses input without a prompt with 422', async () => {
    const { post } = await startTestEmulator();
    expect((await post(path(MODEL_IDS.image), {})).status).toBe(422);
  });
});

describe('the transcriber', () => {
  async function transcribe(
    { clock, post }: TestEmulator,
    body: unknown,
    headers?: Record<string, string>,
  ) {
    const response = post(path(MODEL_IDS.transcriber), body, headers);
    // The model's own wait and that of the time limit.
    await eventually(() => clock.pending === 2);
    await clock.advance(3_000);
    return (await response).json.text;
  }

  test('takes raw bytes', async () => {
    const text = await transcribe(await startTestEmulator(), Buffer.alloc(12), {
      'content-type': 'audio/wav',
    });
    expect(text).toBe('Simulated transcript of 12 bytes of audio/wav.');
  });

  test('takes a file of a form', async () => {
    const form = new FormData();
    form.append('file', new File([new Uint8Array(7)], 'a.mp3', { type: 'audio/mpeg' }));
    const text = await transcribe(await startTestEmulator(), form);
    expect(text).toBe('Simulated transcript of 7 bytes of audio/mpeg.');
  });

  test('takes base64 in JSON, bare or as a data URL', async () => {
    const base64 = Buffer.alloc(9).toString('base64');
    const local = await startTestEmulator();
    expect(await transcribe(local, { audio: base64 })).toContain(
      '9 bytes of application/octet-stream',
    );
    const dataUrl = `data:audio/ogg;base64,${base64}`;
    expect(await transcribe(local, { audio: dataUrl })).toContain('9 bytes of audio/ogg');
  });

  test('refuses a request without audio at once', async () => {
    const { post } = await startTestEmulator();
    expect((await post(path(MODEL_IDS.transcriber), {})).status).toBe(422);
  });

  test('stops when the caller leaves', async () => {
    const { emulator, clock } = await startTestEmulator();
    const caller = new AbortController();
    const response = fetch(emulator.url + path(MODEL_IDS.transcriber), {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'audio/wav' },
      body: new Uint8Array(4),
      signal: caller.signal,
    });
    response.catch(() => undefined);
    await eventually(() => clock.pending === 2);
    caller.abort();
    await eventually(() => clock.pending === 0 && emulator.inFlight === 0);
    await expect(response).rejects.toThrow();
  });
});

test('the flaky model fails as often as asked, for each key, and then works', async () => {
  const { post } = await startTestEmulator();
  const call = async (input: object) => (await post(path(MODEL_IDS.flaky), input)).status;
  const once = { key: 'a', fail_times: 1, status: 503 };
  const other = { key: 'b', fail_times: 0 };
  expect([await call(once), await call(other), await call(once)]).toEqual([503, 200, 200]);
  expect([await call({}), await call({}), await call({})]).toEqual([500, 500, 200]);
});

test('echo takes as long as its input says', async () => {
  const { clock, post } = await startTestEmulator();
  const response = post(path(MODEL_IDS.echo), { delay_ms: 100 });
  await eventually(() => clock.pending === 2);
  await clock.advance(100);
  expect((await response).json).toEqual({ delay_ms: 100 });
});

test('summarise-and-score shows what each chainlet returned', async () => {
  const { post } = await startTestEmulator();
  const chain = `/chain-${CHAIN_IDS.summariseAndScore}/production/run_remote`;
  const { json } = await post(chain, {
    text: 'It was great. We stayed long. Then we left.',
    sentences: 2,
  });
  expect(json).toMatchObject({
    summary: 'It was great. We stayed long.',
    sentiment: { label: 'positive' },
    steps: [{ chainlet: 'Summarise' }, { chainlet: 'Score' }],
  });
});

describe('the reranker', () => {
  const SYNC = `/model-${MODEL_IDS.reranker}/production/sync`;

  test('ranks texts, and leaves them out of the response unless asked', async () => {
    const { post } = await startTestEmulator();
    const { json } = await post(`${SYNC}/rerank`, {
      query: 'red cat',
      texts: ['blue dog', 'red cat'],
    });
    expect(json.map(({ index }: { index: number }) => index)).toEqual([1, 0]);
    expect(Object.keys(json[0])).toEqual(['index', 'score']);
    expect(json[0].score).toBeLessThanOrEqual(1);
  });

  test('returns raw scores if asked to', async () => {
    const { post } = await startTestEmulator();
    const { json } = await post(`${SYNC}/rerank`, {
      query: 'cat',
      texts: ['cat', 'x'],
      raw_scores: true,
    });
    expect(json[0].score).toBeGreaterThan(1);
  });

  test('returns one list of labels for each text', async () => {
    const { post } = await startTestEmulator();
    const { json } = await post(`${SYNC}/predict`, { inputs: [['great'], ['awful']] });
    const best = json.map((labels: Array<{ label: string }>) => labels[0]!.label);
    expect(best).toEqual(['positive', 'negative']);
    expect((await post(`${SYNC}/predict`, { inputs: ['great'] })).status).toBe(400);
  });
});

test('a model can be added by a test, under every target', async () => {
  const { emulator, post } = await startTestEmulator();
  const handler = () => ({ status: 418, headers: { 'x-own': '1' }, body: 'short and stout' });
  emulator.addModel({ id: 'teapot01', name: 'Teapot', handler });
  const { status, headers, text } = await post('/model-teapot01-prod-us/predict', {});
  expect([status, headers.get('x-own'), text]).toEqual([418, '1', 'short and stout']);
});

test('an ID that cannot be part of a host is refused', async () => {
  const { emulator } = await startTestEmulator();
  const definition = { id: 'a-b', name: 'x', handler: () => ({ body: '' }) };
  expect(() => emulator.addModel(definition)).toThrow(RangeError);
});

describe('what real servers send and a careless reader gets wrong', () => {
  const odd = (name: string) => `/model-${MODEL_IDS.echo}/production/sync/odd/${name}`;

  test.each([
    ['notFinite', 'application/json', '{"loss": NaN, '],
    ['bigNumbers', 'application/json', '{"id": 18446744073709551615, '],
    ['byteOrderMark', 'application/json', '\u00ef\u00bb\u00bf{'],
    ['latin1', 'text/plain; charset=ISO-8859-1', 'Grüße'],
    ['latin1Json', 'application/json; charset=ISO-8859-1', '{"text": "Grüße"}'],
    ['utf16', 'text/plain', '\u00ff\u00feG\0r\0'],
    ['lines', 'application/x-ndjson', '{"count": 1}\n{"count": 2}\n'],
    ['linesCalledJson', 'application/json', '{"count": 1}\n{"count": 2}\n'],
    ['xml', 'application/xml', '<?xml version="1.0"?>'],
    ['emptyFile', 'application/octet-stream', ''],
    ['named', 'image/png', '\u0089PNG'],
    ['namedEncoded', 'image/png', '\u0089PNG'],
    ['namedWithPath', 'image/png', '\u0089PNG'],
    ['files', 'application/json', '{"images":["'],
  ])('%s, of type %s', async (name, type, start) => {
    const { emulator } = await startTestEmulator();
    const response = await fetch(emulator.url + odd(name), {
      headers: { authorization: `Bearer ${emulator.apiKey}` },
    });
    expect(response.headers.get('content-type')).toBe(type);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.toString('latin1').slice(0, start.length)).toBe(start);
  });

  test('a file that is far larger after it is unpacked', async () => {
    const { get } = await startTestEmulator();
    const { bytes, headers } = await get(odd('packedFile'));
    expect(bytes).toHaveLength(PACKED_FILE_BYTES);
    expect(Number(headers.get('content-length'))).toBeLessThan(200_000);
  });

  test('an unknown name is answered with those there are', async () => {
    const { get } = await startTestEmulator();
    const { status, json } = await get(odd('toString'));
    expect([status, json.detail]).toEqual([404, expect.stringContaining('notFinite, bigNumbers')]);
  });
});

describe('large bodies', () => {
  const SIZE = 3_000_001;

  test("the echo model's own server returns as many bytes as it is asked for", async () => {
    const { get } = await startTestEmulator();
    const { bytes, headers } = await get(`/model-${MODEL_IDS.echo}/production/sync/bytes/${SIZE}`);
    expect(bytes).toHaveLength(SIZE);
    expect(headers.get('content-length')).toBe(String(SIZE));
  });

  test('count-bytes takes a body of any size and does not keep it', async () => {
    const { emulator, post } = await startTestEmulator({ limits: { bodyBytes: 1_000 } });
    const { json } = await post(
      `/model-${MODEL_IDS.echo}/production/sync/count-bytes`,
      Buffer.alloc(SIZE),
    );
    expect(json).toEqual({ bytes: SIZE });
    expect(emulator.requests[0]?.rawBody).toHaveLength(0);
  });
});

test('every example of a configuration is an input that the model takes', async () => {
  const { get, post } = await startTestEmulator({ clock: realClock, transcribeMs: 0 });
  const ids = Object.values(MODEL_IDS);
  let examples = 0;
  for (const id of ids) {
    const deployment = `/management/v1/models/${id}/deployments/${deploymentIdFor(id, 'production')}`;
    const { config } = (await get(`${deployment}/config?output_format=parsed`)).json;
    const example = config.model_metadata.example_model_input;
    if (!example) continue;
    examples += 1;
    const { status } = await post(path(id), { ...example, stream: false });
    expect([id, status]).toStrictEqual([id, 200]);
  }
  expect(examples).toBeGreaterThanOrEqual(7);
});

test('the echo server answers every route that it describes', async () => {
  const { send, get } = await startTestEmulator();
  const server = `/model-${MODEL_IDS.echo}/environments/production/sync`;
  const { paths } = (await get(`${server}/openapi.json`)).json;
  const routes = Object.entries(paths as Record<string, object>).flatMap(([route, operations]) =>
    Object.keys(operations).map((method) => [method.toUpperCase(), route] as const),
  );
  expect(routes.length).toBeGreaterThan(5);
  for (const [method, route] of routes) {
    const { status } = await send(method, server + route.replace('{item_id}', '1'));
    expect([method, route, status]).toStrictEqual([method, route, 200]);
  }
});

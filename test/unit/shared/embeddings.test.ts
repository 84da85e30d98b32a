import type { BasetenRequest } from '../../../nodes/shared/http/client';
import { embed, embedAll, toText } from '../../../nodes/shared/embeddings';
import { BasetenError } from '../../../nodes/shared/errors/basetenError';

const EMBEDDER = {
  url: 'https://model-abc.api.baseten.co/v1/embeddings',
  subject: 'model abc',
  model: 'm',
};

const inputOf = (request: BasetenRequest) =>
  (JSON.parse(String(request.body?.content)) as { input: string[] }).input;
const responseWith = (data: unknown) => ({
  status: 200,
  headers: {},
  body: Buffer.from(JSON.stringify({ data })),
});

function base64(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

/** A model whose vector of a text is its length. */
const lengths = async (request: BasetenRequest) =>
  responseWith(
    inputOf(request).map((text, index) => ({ index, embedding: base64([text.length]) })),
  );

describe('one request', () => {
  const embedTwo = async (data: unknown) =>
    await embed(['a', 'b'], EMBEDDER, async () => responseWith(data));

  test('asks for base64, and for dimensions only if they are set', async () => {
    const sent: unknown[] = [];
    const send = async (request: BasetenRequest) => {
      sent.push(JSON.parse(String(request.body?.content)));
      return await lengths(request);
    };
    await embed(['a'], EMBEDDER, send);
    await embed(['a'], { ...EMBEDDER, dimensions: 3 }, send);
    expect(sent).toStrictEqual([
      { model: 'm', input: ['a'], encoding_format: 'base64' },
      { model: 'm', input: ['a'], encoding_format: 'base64', dimensions: 3 },
    ]);
  });

  test('decodes little-endian floats', async () => {
    const data = [
      { index: 0, embedding: 'AACAPwAAAMA=' },
      { index: 1, embedding: base64([0.5, 0.25]) },
    ];
    expect(await embedTwo(data)).toStrictEqual([
      [1, -2],
      [0.5, 0.25],
    ]);
  });

  test('reads plain numbers from a model that does not know base64', async () => {
    expect(await embedTwo([{ embedding: [1, 2] }, { embedding: [3, 4] }])).toStrictEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('gives each text its own vector if the response is out of order', async () => {
    expect(
      await embedTwo([
        { index: 1, embedding: [2] },
        { index: 0, embedding: [1] },
      ]),
    ).toStrictEqual([[1], [2]]);
  });

  test.each([
    [
      'too few vectors',
      [{ index: 0, embedding: [1] }],
      'was sent 2 texts and responded with 1 vectors',
    ],
    ['a text for a list', 'text', 'responded with no vectors'],
    [
      'the same index twice',
      [
        { index: 0, embedding: [1] },
        { index: 0, embedding: [2] },
      ],
      'vector for text 2 of 2',
    ],
    ['an empty vector', [{ embedding: [] }, { embedding: [2] }], 'vector for text 1 of 2'],
    [
      'bytes that are not floats',
      [{ embedding: 'AACA' }, { embedding: [2] }],
      'vector for text 1 of 2',
    ],
    ['nothing in a place', [null, { embedding: [2] }], 'vector for text 1 of 2'],
    ['numbers as text', [{ embedding: ['1'] }, { embedding: [2] }], 'vector for text 1 of 2'],
  ])('refuses a response with %s', async (_, data, message) => {
    await expect(embedTwo(data)).rejects.toThrow(message);
  });
});

describe('many texts', () => {
  const settings = { maxConcurrency: 8, requestsPerMinute: 0 };
  const texts = Array.from({ length: 1000 }, (_, index) => 'x'.repeat(index + 1));

  test('1,000 texts go in 16 requests and come back in order', async () => {
    let requests = 0;
    const send = async (request: BasetenRequest) => {
      requests++;
      return await lengths(request);
    };
    const vectors = await embedAll(texts, EMBEDDER, { batchSize: 64, settings, send });
    expect(vectors).toStrictEqual(texts.map((text) => [text.length]));
    expect(requests).toBe(16);
  });

  test('several requests are in flight, and no more than allowed', async () => {
    let inFlight = 0;
    let most = 0;
    const send = async (request: BasetenRequest) => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      return await lengths(request);
    };
    await embedAll(texts, EMBEDDER, {
      batchSize: 64,
      settings: { ...settings, maxConcurrency: 5 },
      send,
    });
    expect(most).toBe(5);
  });

  test('a batch that is refused for its size is sent in halves', async () => {
    const sizes: number[] = [];
    const send = async (request: BasetenRequest) => {
      const size = inputOf(request).length;
      sizes.push(size);
      if (size > 2) throw new BasetenError('too large', { kind: 'http', hint: '', status: 413 });
      return await lengths(request);
    };
    const vectors = await embedAll(texts.slice(0, 5), EMBEDDER, { batchSize: 64, settings, send });
    expect(vectors).toStrictEqual([[1], [2], [3], [4], [5]]);
    expect(sizes).toStrictEqual([5, 3, 2, 1, 2]);
  });

  test.each([[['a', ' ']], [['a', undefined]], [['a', null]]])(
    'refuses an empty text in %j before anything is sent',
    async (list) => {
      const send = async () => await Promise.reject(new Error('was sent'));
      await expect(embedAll(list, EMBEDDER, { batchSize: 64, settings, send })).rejects.toThrow(
        'Text 2 is empty',
      );
    },
  );

  test('without texts nothing is sent', async () => {
    const send = async () => await Promise.reject(new Error('was sent'));
    expect(await embedAll([], EMBEDDER, { batchSize: 64, settings, send })).toStrictEqual([]);
  });
});

test.each([
  ['a', 'a'],
  [5, '5'],
  [false, 'false'],
])('%j is sent as %j', (value, text) => {
  expect(toText(value, 'Text')).toBe(text);
});

test.each([
  ['', 'Text is empty'],
  [{}, 'Text is an object, not a text'],
  [['a'], 'Text is a list, not a text'],
])('%j can’t be sent as a text', (value, message) => {
  expect(() => toText(value, 'Text')).toThrow(message);
});

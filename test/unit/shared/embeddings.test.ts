import { toConnection } from '../../../nodes/shared/connection/connection';
import type { BasetenRequest } from '../../../nodes/shared/http/client';
import { embed, embedAll, KnownModels, toText } from '../../../nodes/shared/embeddings';
import { BasetenError } from '../../../nodes/shared/errors/basetenError';

const EMBEDDER = {
  url: 'https://model-abc.api.baseten.co/v1/embeddings',
  subject: 'model abc',
  model: 'm',
  isNamed: true,
};
const connection = toConnection({ apiKey: 'key-123' });

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
  test('asks for base64, and for dimensions only if they are set', async () => {
    const sent: unknown[] = [];
    const send = async (request: BasetenRequest) => {
      sent.push(JSON.parse(String(request.body?.content)));
      return await lengths(request);
    };
    await embed(['a'], EMBEDDER, send);
    await embed(['a'], { ...EMBEDDER, dimensions: 1 }, send);
    expect(sent).toStrictEqual([
      { model: 'm', input: ['a'], encoding_format: 'base64' },
      { model: 'm', input: ['a'], encoding_format: 'base64', dimensions: 1 },
    ]);
  });

  test('gives a vector for each text', async () => {
    expect(await embed(['a', 'bb'], EMBEDDER, lengths)).toStrictEqual([[1], [2]]);
  });
});

describe('a server that refuses base64', () => {
  const refusal = (status: number, detail?: string) =>
    new BasetenError('refused', { kind: 'http', hint: '', status, detail });
  const formatOf = (request: BasetenRequest) =>
    (JSON.parse(String(request.body?.content)) as { encoding_format: string }).encoding_format;

  /** A server that refuses what `refusalOf` says, and the formats that it was asked for. */
  function server(refusalOf: (format: string) => BasetenError | undefined) {
    const asked: string[] = [];
    const send = async (request: BasetenRequest) => {
      asked.push(formatOf(request));
      const error = refusalOf(formatOf(request));
      if (error) throw error;
      return responseWith(
        inputOf(request).map((text, index) => ({ index, embedding: [text.length] })),
      );
    };
    return { asked, send };
  }
  const noBase64 = (status: number, detail: string) =>
    server((format) => (format === 'base64' ? refusal(status, detail) : undefined));

  test.each([
    [400, 'base64 encoding is not supported'],
    [400, '`encoding_format` must be float'],
    [400, 'Unknown field: encoding_format'],
    [415, 'Encoding format is unknown'],
    [422, 'body.encoding_format: Input should be "float"'],
    [501, 'Base64 is not implemented'],
  ])('with %i and "%s" is asked for lists, from then on at once', async (status, detail) => {
    const known = new KnownModels();
    const { asked, send } = noBase64(status, detail);
    expect(await embed(['a', 'bb'], { ...EMBEDDER, known }, send)).toStrictEqual([[1], [2]]);
    expect(asked).toStrictEqual(['base64', 'float']);
    await embed(['a'], { ...EMBEDDER, known }, send);
    expect(asked).toStrictEqual(['base64', 'float', 'float']);
  });

  test.each([{ url: 'https://other.example.com/v1/embeddings' }, { model: 'other' }])(
    'is known by its URL and model: with %j base64 is asked for',
    async (other) => {
      const known = new KnownModels();
      await embed(['a'], { ...EMBEDDER, known }, noBase64(400, 'no base64').send);
      const { asked, send } = server(() => undefined);
      await embed(['a'], { ...EMBEDDER, known, ...other }, send);
      expect(asked).toStrictEqual(['base64']);
    },
  );

  test.each([
    [400, 'a text is too long'],
    [400, undefined],
    [401, 'base64'],
    [413, 'base64'],
    [500, 'base64'],
  ])('is not seen in %i with the words %j', async (status, detail) => {
    const { asked, send } = server(() => refusal(status, detail));
    await expect(embed(['a'], EMBEDDER, send)).rejects.toThrow('refused');
    expect(asked).toStrictEqual(['base64']);
  });

  test('and lists, too, is asked for base64 again: the fault was another', async () => {
    const known = new KnownModels();
    const { asked, send } = server(() => refusal(400, 'the text "base64" is bad'));
    const failed = async () => await embed(['a'], { ...EMBEDDER, known }, send);
    await expect(failed()).rejects.toThrow('refused');
    await expect(failed()).rejects.toThrow('refused');
    expect(asked).toStrictEqual(['base64', 'float', 'base64', 'float']);
  });

  test('takes two requests for 64 texts, and not one for each', async () => {
    const { asked, send } = noBase64(400, 'base64 is not supported');
    await embedAll(
      Array.from({ length: 64 }, (_, index) => `text ${index}`),
      { ...EMBEDDER, known: new KnownModels() },
      { batchSize: 64, flow: { places: 8 }, send, connection },
    );
    expect(asked).toStrictEqual(['base64', 'float']);
  });
});

describe('many texts', () => {
  const flow = { places: 8 };
  const texts = Array.from({ length: 1000 }, (_, index) => 'x'.repeat(index + 1));

  test('1,000 texts go in 16 requests and come back in order', async () => {
    let requests = 0;
    const send = async (request: BasetenRequest) => {
      requests++;
      return await lengths(request);
    };
    const vectors = await embedAll(texts, EMBEDDER, { batchSize: 64, flow, send, connection });
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
      flow: { places: 5 },
      send,
      connection,
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
    const vectors = await embedAll(texts.slice(0, 5), EMBEDDER, {
      batchSize: 64,
      flow,
      send,
      connection,
    });
    expect(vectors).toStrictEqual([[1], [2], [3], [4], [5]]);
    expect(sizes).toStrictEqual([5, 3, 2, 1, 2]);
  });

  test('a text without a usable vector is named', async () => {
    const send = async (request: BasetenRequest) =>
      responseWith(
        inputOf(request).map((text, index) => ({
          index,
          embedding: text.length === 99 ? [null] : [text.length],
        })),
      );
    await expect(
      embedAll(texts, EMBEDDER, { batchSize: 64, flow, send, connection }),
    ).rejects.toThrow('The vector that model abc gave for text 99 has a number that is not finite');
    await expect(
      embedAll([texts[98]], EMBEDDER, { batchSize: 64, flow, send, connection }),
    ).rejects.toThrow('The vector that model abc gave for the text has a number');
  });

  test('vectors of different lengths from different requests are an error', async () => {
    const send = async (request: BasetenRequest) =>
      responseWith(
        inputOf(request).map((text, index) => ({
          index,
          embedding: new Array<number>(text.length > 3 ? 2 : 1).fill(0.5),
        })),
      );
    await expect(
      embedAll(texts.slice(0, 5), EMBEDDER, { batchSize: 3, flow, send, connection }),
    ).rejects.toThrow('for text 4 has 2 numbers, and others of the same model have more or fewer');
  });

  test.each([[['a', ' ']], [['a', undefined]], [['a', null]]])(
    'refuses an empty text in %j before anything is sent',
    async (list) => {
      const send = async () => await Promise.reject(new Error('was sent'));
      await expect(
        embedAll(list, EMBEDDER, { batchSize: 64, flow, send, connection }),
      ).rejects.toThrow('Text 2 is empty');
    },
  );

  test('without texts nothing is sent', async () => {
    const send = async () => await Promise.reject(new Error('was sent'));
    expect(await embedAll([], EMBEDDER, { batchSize: 64, flow, send, connection })).toStrictEqual(
      [],
    );
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

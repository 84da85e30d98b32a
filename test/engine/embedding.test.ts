import { json, MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { embed } from '../../emulator/models/embeddings';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';
import { runBaseten, type NodeRun } from '../../host/n8n/engine';

const emulator = useEmulator({ limits: { batchSize: 100 } });

const texts = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    json: { text: `text number ${n}`, even: n % 2 === 0 },
  }));

const run = async (parameters: object, more: Partial<NodeRun> = {}) =>
  await runBaseten({
    credential: credentialFor(emulator()),
    parameters: {
      resource: 'embedding',
      operation: 'create',
      source: 'modelApi',
      model: byId(MODEL_API_SLUGS.embedder),
      text: '={{ $json.text }}',
      ...parameters,
    },
    ...more,
  });

const batchesSent = () =>
  emulator().requests.map((request) => (request.json() as { input: string[] }).input);

/** An embeddings engine that refuses requests with the word "bad" in a text. */
function addPickyModel(status = 422): void {
  emulator().addModel({
    kind: 'model',
    id: 'picky001',
    name: 'Picky',
    handler: () => json({}),
    server: (call) => {
      const { input } = call.json() as { input: string[] };
      if (input.some((text) => text.includes('bad')))
        return json({ error: 'a text is bad' }, status);
      return json({ data: input.map((text, index) => ({ index, embedding: [text.length] })) });
    },
  });
}
const picky = {
  source: 'deployment',
  modelId: byId('picky001'),
  model: byId('m'),
  options: { maxRetries: 0 },
};
const some = (...words: string[]) => words.map((text) => ({ json: { text } }));

describe('many items', () => {
  test('1,000 texts need 16 requests, and vectors keep their order and pairing', async () => {
    const items = texts(1000);
    const { items: given } = await run({}, { items });
    expect(emulator().requests).toHaveLength(16);
    expect(given.map(({ json: { index }, pairedItem }) => [index, pairedItem])).toStrictEqual(
      items.map((_, index) => [index, { item: index }]),
    );
    expect(given[777]?.json.embedding).toStrictEqual([...embed('text number 777')]);
    expect(emulator().requests.map((request) => request.path)).toStrictEqual(
      new Array(16).fill('/inference/v1/embeddings'),
    );
  });

  test('Max Concurrency counts requests', async () => {
    emulator().resetCounters();
    emulator().faults.add({ kind: 'delay', ms: 20, times: 'always' });
    await run({ options: { batchSize: 5, maxConcurrency: 4 } }, { items: texts(100) });
    expect(emulator().requests).toHaveLength(20);
    expect(emulator().peakInFlight).toBe(4);
  });

  test('items of different models go in different requests', async () => {
    const model = byId('={{ $json.even ? "one" : "two" }}');
    const source = { source: 'deployment', modelId: byId(MODEL_IDS.embedder), model };
    const { items } = await run(source, { items: texts(7) });
    const models = emulator().requests.map(
      (request) => (request.json() as { model: string }).model,
    );
    expect(models).toStrictEqual(['one', 'two']);
    expect(batchesSent().map((batch) => batch.length)).toStrictEqual([4, 3]);
    expect(items.map(({ json: { index } }) => index)).toStrictEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(items[5]?.json.embedding).toStrictEqual([...embed('text number 5')]);
  });

  test('a batch that is too large for the engine is sent in halves', async () => {
    const { items, error } = await run(
      { options: { batchSize: 400, maxConcurrency: 1 } },
      { items: texts(150) },
    );
    expect(error).toBeUndefined();
    expect(items).toHaveLength(150);
    expect(batchesSent().map((batch) => batch.length)).toStrictEqual([150, 75, 75]);
    expect(items[149]?.json.embedding).toStrictEqual([...embed('text number 149')]);
  });

  test('vectors are asked for as base64, and with the dimensions that were set', async () => {
    const { items } = await run({ options: { dimensions: 3 } }, { items: texts(1) });
    expect(items[0]?.json.embedding).toStrictEqual([...embed('text number 0', 3)]);
    expect(emulator().requests[0]?.json()).toStrictEqual({
      model: MODEL_API_SLUGS.embedder,
      input: ['text number 0'],
      encoding_format: 'base64',
      dimensions: 3,
    });
  });

  test('a deployment is called under sync/v1, with a name for servers that take any', async () => {
    await run(
      { source: 'deployment', modelId: byId(MODEL_IDS.embedder), model: byId('') },
      { items: texts(1) },
    );
    const sent = emulator().requests.find(({ method }) => method === 'POST');
    expect(sent?.path).toBe(
      `/model-${MODEL_IDS.embedder}/environments/production/sync/v1/embeddings`,
    );
    expect(sent?.json()).toMatchObject({ model: expect.any(String) });
  });
});

describe('failures', () => {
  test('with continue-on-fail, only the refused text gives an error item', async () => {
    addPickyModel();
    const items = some('a', 'bb', 'bad', 'dddd');
    const { items: given } = await run(picky, { items, onError: 'continueRegularOutput' });
    expect(given.map(({ json: { embedding } }) => embedding)).toStrictEqual([
      [1],
      [2],
      undefined,
      [4],
    ]);
    expect(given[2]).toMatchObject({
      json: {
        error: 'Model picky001 refused the input',
        details: { itemIndex: 2, status: 422, answer: 'a text is bad' },
      },
      pairedItem: { item: 2 },
    });
  });

  test('without continue-on-fail, the error names the item with the refused text', async () => {
    addPickyModel();
    const { error, items } = await run(picky, { items: some('a', 'b', 'bad', 'd') });
    expect(items).toHaveLength(0);
    expect(error?.context?.itemIndex).toBe(2);
    expect(error?.httpCode).toBe('422');
  });

  test('if a batch fails for another reason, its items alone become error items', async () => {
    addPickyModel(500);
    const options = { batchSize: 2, maxRetries: 0 };
    const items = some('bad', 'b', 'c', 'd');
    const { items: given } = await run(
      { ...picky, options },
      { items, onError: 'continueRegularOutput' },
    );
    expect(given.map(({ json: { embedding } }) => embedding)).toStrictEqual([
      undefined,
      undefined,
      [1],
      [1],
    ]);
    expect(emulator().requests).toHaveLength(2);
  });

  test('an empty text is refused before anything is sent', async () => {
    const { error } = await run({}, { items: some('a', ' ', 'c') });
    expect(error?.message).toBe('Text is empty');
    expect(error?.context?.itemIndex).toBe(1);
    expect(emulator().requests).toHaveLength(0);
  });

  test('with continue-on-fail, an empty text gives an error item, others are sent', async () => {
    const { items } = await run(
      {},
      { items: some('a', '', 'c'), onError: 'continueRegularOutput' },
    );
    expect(
      items.map(({ json, pairedItem }) => [json.error ?? json.index, pairedItem]),
    ).toStrictEqual([
      [0, { item: 0 }],
      ['Text is empty', { item: 1 }],
      [2, { item: 2 }],
    ]);
    expect(batchesSent()).toStrictEqual([['a', 'c']]);
  });

  test('a batch is sent again after a rate limit', async () => {
    emulator().faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '0' } });
    const { items } = await run({}, { items: texts(3) });
    expect(items).toHaveLength(3);
    expect(emulator().requests).toHaveLength(2);
  });

  test.each([
    ['batchSize', 0, "Batch Size can't be 0"],
    ['dimensions', -1, "Dimensions can't be -1"],
  ])('%s of %j is refused', async (name, value, message) => {
    const { error } = await run({ options: { [name]: value } }, { items: texts(1) });
    expect(error?.message).toBe(message);
  });
});

describe('servers that send something else', () => {
  const odd = (name: string, more: object = {}) => ({
    source: 'deployment',
    modelId: byId(MODEL_IDS.embedder),
    model: byId(`odd/${name}`),
    ...more,
  });

  test('a server without base64 is asked once more for lists, and later for lists alone', async () => {
    const { items } = await run(odd('no-base64'), { items: texts(64) });
    expect(items[63]?.json.embedding).toStrictEqual([...embed('text number 63')]);
    const formats = () =>
      emulator().requests.map(
        (request) => (request.json() as { encoding_format: string }).encoding_format,
      );
    expect(formats()).toStrictEqual(['base64', 'float']);
    await run(odd('no-base64'), { items: texts(1) });
    expect(formats()).toStrictEqual(['base64', 'float', 'float']);
  });

  test.each([
    ['nan', 'has a number that is not finite'],
    ['not-base64', 'is text that is not base64'],
    ['no-vector', 'is missing'],
    ['left-out', 'is missing'],
    ['shorter', 'has 255 numbers, and others of the same model have more or fewer'],
  ])('%s: the item at fault is named, and the other vectors are kept', async (name, reason) => {
    const items = some('a', 'this is odd', 'b', 'c');
    const { items: given } = await run(odd(name), { items, onError: 'continueRegularOutput' });
    expect(given.map(({ json: { embedding } }) => Array.isArray(embedding))).toStrictEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(given[3]?.json.embedding).toStrictEqual([...embed('c')]);
    expect(given[1]).toMatchObject({
      json: {
        error: `The vector that model ${MODEL_IDS.embedder} gave for this item ${reason}`,
        details: { itemIndex: 1 },
      },
      pairedItem: { item: 1 },
    });
    expect(emulator().requests).toHaveLength(1);
  });

  test('without continue-on-fail, a text without a usable vector ends the run', async () => {
    const { items, error } = await run(odd('nan'), { items: some('a', 'b', 'odd') });
    expect(items).toHaveLength(0);
    expect(error?.message).toContain('has a number that is not finite');
    expect(error?.context?.itemIndex).toBe(2);
  });

  test.each(['float64', 'float64-of-16-bit'])('%s is no vector', async (name) => {
    const { error } = await run(odd(name), { items: some('one two three four five six') });
    expect(error?.message).toContain('is base64, but not of 32-bit floats');
  });

  test('vectors of other dimensions than were asked for are no vectors', async () => {
    const { error } = await run(odd('native-dimensions', { options: { dimensions: 3 } }), {
      items: texts(2),
    });
    expect(error?.message).toContain('has 256 numbers, and not 3');
    expect(error?.description).toContain('Remove Dimensions');
  });

  test.each(['newlines', 'index-as-text', 'no-index'])('%s is understood', async (name) => {
    const { items, error } = await run(odd(name), { items: texts(3) });
    expect(error).toBeUndefined();
    expect(items.map(({ json: { embedding } }) => embedding)).toStrictEqual(
      [0, 1, 2].map((n) => [...embed(`text number ${n}`)]),
    );
  });

  test.each([
    ['index-repeated', 'came twice, so it is not known which one is right'],
    ['index-beyond', 'gave a vector an index that none of them has'],
  ])('%s is an error', async (name, message) => {
    const { error } = await run(odd(name), { items: texts(3) });
    expect(error?.message).toContain(message);
  });

  test('a server that refuses everything is not asked for every text', async () => {
    const { items } = await run(odd('refuses'), {
      items: texts(254),
      onError: 'continueRegularOutput',
    });
    expect(items).toHaveLength(254);
    expect(new Set(items.map(({ json: { error } }) => error))).toStrictEqual(
      new Set([`Baseten could not read the request for model ${MODEL_IDS.embedder}`]),
    );
    expect(items[205]?.json.message).toContain('so this one was not sent alone');
    // Batches of 64, 64, 64 and 62 texts.
    expect(emulator().requests.length).toBeLessThanOrEqual(4 * 14);
  });

  test.each(['odd/no-labels', 'odd/null', 'odd/no-score', 'odd/number-as-label'])(
    'Classify names the item whose result is %s, and keeps the others',
    async (text) => {
      const { items } = await run(
        { operation: 'classify', modelId: byId(MODEL_IDS.reranker) },
        { items: some('great', text, 'awful'), onError: 'continueRegularOutput' },
      );
      expect(items.map(({ json }) => Array.isArray(json.results))).toStrictEqual([
        true,
        false,
        true,
      ]);
      expect(items[1]?.json).toMatchObject({
        error: `The result of model ${MODEL_IDS.reranker} for this item is not a list of labels with scores`,
        details: { itemIndex: 1 },
      });
    },
  );
});

test('Classify puts many items into one request and keeps their order', async () => {
  const items = some(
    ...Array.from({ length: 130 }, (_, n) => (n % 2 ? 'great, I love it' : 'awful, a waste')),
  );
  const classify = { operation: 'classify', modelId: byId(MODEL_IDS.reranker) };
  const { items: given } = await run({ ...classify, options: { rawScores: true } }, { items });
  expect(emulator().requests.map(({ path }) => path)).toStrictEqual(
    new Array(3).fill(`/model-${MODEL_IDS.reranker}/environments/production/sync/predict`),
  );
  expect(emulator().requests[0]?.json()).toMatchObject({ raw_scores: true });
  const labels = given.map(({ json }) => (json.results as Array<{ label: string }>)[0]?.label);
  expect(labels).toStrictEqual(items.map((_, n) => (n % 2 ? 'positive' : 'negative')));
  expect(given.map(({ pairedItem }) => pairedItem)).toStrictEqual(
    items.map((_, item) => ({ item })),
  );
});

describe('rerank', () => {
  const rerank = async (parameters: object) =>
    await run({
      operation: 'rerank',
      modelId: byId(MODEL_IDS.reranker),
      query: 'bread dough',
      ...parameters,
    });

  test('ranks a JSON list of texts, the best first, and returns them if asked to', async () => {
    const { items } = await rerank({
      texts: '["the sea", "bread dough rests"]',
      options: { returnText: true },
    });
    expect(items).toMatchObject([
      {
        json: {
          results: [
            { index: 1, text: 'bread dough rests' },
            { index: 0, text: 'the sea' },
          ],
        },
      },
    ]);
    const [best, other] = items[0]?.json.results as Array<{ score: number }>;
    expect(best?.score).toBeGreaterThan(other?.score ?? 1);
    expect(emulator().requests[0]?.path).toBe(
      `/model-${MODEL_IDS.reranker}/environments/production/sync/rerank`,
    );
  });

  test('ranks a list from an expression, and sends only the options that are set', async () => {
    const { items } = await rerank({
      texts: '={{ ["bread", "sea"] }}',
      options: { truncate: true, rawScores: false },
    });
    expect((items[0]?.json.results as unknown[])[0]).toStrictEqual({
      index: 0,
      score: expect.any(Number),
    });
    const sent = { query: 'bread dough', texts: ['bread', 'sea'], truncate: true };
    expect(emulator().requests[0]?.json()).toStrictEqual(sent);
  });

  test.each([
    ['[]', 'There are no texts to rank'],
    ['{"a": 1}', 'Texts is not a list'],
    ['["a", ""]', 'Text 2 is empty'],
    ['["a"', /^Texts is not valid JSON/],
  ])('refuses %s', async (list, message) => {
    const { error } = await rerank({ texts: list });
    expect(error?.message).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
    expect(emulator().requests).toHaveLength(0);
  });

  test('an index as text is the number that it says', async () => {
    const { items } = await rerank({ query: 'odd/index-as-text', texts: '["a", "b", "c"]' });
    const results = items[0]?.json.results as Array<{ index: number }>;
    expect(results.map(({ index }) => index).sort()).toStrictEqual([0, 1, 2]);
  });

  test.each([
    ['odd/index-repeated', 'has two results for the same text'],
    ['odd/index-beyond', 'has a result without a score or a text that it belongs to'],
    ['odd/no-index', 'has a result without a score or a text that it belongs to'],
    ['odd/no-score', 'has a result without a score or a text that it belongs to'],
    ['odd/score-as-text', 'has a result without a score or a text that it belongs to'],
  ])('refuses a ranking with %s', async (query, message) => {
    const { error } = await rerank({ query, texts: '["a", "b", "c"]' });
    expect(error?.message).toContain(message);
  });

  test('fails with a model that is not a reranker', async () => {
    addPickyModel();
    const { error } = await rerank({
      modelId: byId(MODEL_IDS.embedder),
      texts: '["a"]',
      options: { maxRetries: 0 },
    });
    expect(error?.httpCode).toBe('404');
  });
});

describe('a deployment whose model is not named', () => {
  /** A server with one model, which refuses any other name. */
  function addNamedModel(): void {
    emulator().addModel({
      kind: 'model',
      id: 'named001',
      name: 'Named',
      handler: () => json({}),
      server: (call) => {
        if (call.route === '/v1/models') return json({ data: [{ id: 'org/embedder' }] });
        const { input, model } = call.json() as { input: string[]; model: string };
        if (model !== 'org/embedder') return json({ error: `no model ${model}` }, 404);
        return json({ data: input.map((_, index) => ({ index, embedding: [1] })) });
      },
    });
  }
  const named = { modelId: byId('named001'), source: 'deployment', options: { batchSize: 2 } };

  test('is asked once a run for its name', async () => {
    addNamedModel();
    const { items } = await run({ ...named, model: byId('') }, { items: texts(7) });
    expect(items.map(({ json: { embedding } }) => embedding)).toStrictEqual(Array(7).fill([1]));
    const asked = emulator().requests.filter(({ method }) => method === 'GET');
    expect(asked.map(({ path }) => path)).toStrictEqual([
      '/model-named001/environments/production/sync/v1/models',
    ]);
  });

  test('and the error about a wrong name lists the names that there are', async () => {
    addNamedModel();
    const { error } = await run({ ...named, model: byId('wrong') }, { items: texts(1) });
    expect(error?.description).toContain('It serves: org/embedder');
  });

  test('is meant if the source was not saved', async () => {
    addNamedModel();
    const parameters = { ...named, model: byId(''), source: undefined };
    const { items } = await run(parameters, { items: texts(1) });
    expect(items).toHaveLength(1);
  });
});

describe('a text that is too long', () => {
  const words = 'Input validation error: `inputs` must have less than 8 tokens. Given: 40';

  /** An engine that refuses requests with a text of more than 20 characters. */
  function addShortModel(): void {
    emulator().addModel({
      kind: 'model',
      id: 'short001',
      name: 'Short',
      handler: () => json({}),
      server: (call) => {
        if (call.route === '/v1/models') return json({ data: [] });
        const { input, inputs, texts: ranked } = call.json() as Record<string, string[]>;
        const all = (input ?? inputs ?? ranked ?? []).flat();
        if (all.some((text) => text.length > 20)) return json({ error: words }, 422);
        if (input) return json({ data: all.map((_, index) => ({ index, embedding: [1] })) });
        if (inputs) return json(all.map(() => [{ label: 'a', score: 1 }]));
        return json(all.map((text, index) => ({ index, score: text.length })));
      },
    });
  }
  const short = { modelId: byId('short001'), source: 'deployment', model: byId('') };

  test.each(['create', 'classify'])('%s names its item and its length', async (operation) => {
    addShortModel();
    const items = some('a', '', 'äöü😀'.repeat(10), 'b', ...Array<string>(200).fill('c'));
    const { items: given } = await run(
      { ...short, operation },
      { items, onError: 'continueRegularOutput' },
    );
    expect(given).toHaveLength(204);
    const failed = given.flatMap(({ json: { error } }, index) =>
      error === undefined ? [] : [[index, error]],
    );
    expect(failed).toStrictEqual([
      [1, 'Text is empty'],
      [2, expect.stringMatching(/^The text of item 2 is too long for .*: it has 40 characters/)],
    ]);
  });

  test('rerank names its place in the list', async () => {
    addShortModel();
    const list = JSON.stringify(['a', 'b', 'x'.repeat(30)]);
    const parameters = { ...short, operation: 'rerank', query: 'q', texts: list };
    const { error } = await run(parameters);
    expect(error?.message).toMatch(/^Text 3, with the query, is too long for .* 31 characters/);
    expect(error?.description).toContain('turn on Truncate');
  });
});

test('three bad texts of 2,000 fail alone', async () => {
  addPickyModel(400);
  const bad = [0, 1, 1999];
  const items = Array.from({ length: 2000 }, (_, n) => ({
    json: { text: bad.includes(n) ? 'bad' : `日本 ${n} \u{1f600}` },
  }));
  // Reading so many items takes so long that idle connections are closed: retries see to that.
  const parameters = { ...picky, options: {} };
  const { items: given } = await run(parameters, { items, onError: 'continueRegularOutput' });
  const failed = given.flatMap(({ json: { error } }, n) => (error === undefined ? [] : [n]));
  expect(failed).toStrictEqual(bad);
  expect(given.map(({ pairedItem }) => pairedItem)).toStrictEqual(
    items.map((_, item) => ({ item })),
  );
}, 120_000);

test('rerank takes more texts than one request does, and their indexes are right', async () => {
  const count = 250;
  const list = Array.from({ length: count }, (_, n) => (n === 211 ? 'the answer' : `text ${n}`));
  const { items, error } = await run({
    operation: 'rerank',
    modelId: byId(MODEL_IDS.reranker),
    query: 'the answer',
    texts: JSON.stringify(list),
    options: { returnText: true },
  });
  expect(error).toBeUndefined();
  const results = items[0]?.json.results as Array<{ index: number; score: number; text: string }>;
  expect(results[0]).toMatchObject({ index: 211, text: 'the answer' });
  expect(results.map(({ index }) => index).sort((a, b) => a - b)).toStrictEqual([
    ...Array(count).keys(),
  ]);
  expect(results.every(({ index, text }) => text === list[index])).toBe(true);
  expect(results.map(({ score }) => score)).toStrictEqual(
    results.map(({ score }) => score).sort((a, b) => b - a),
  );
});

test.each([
  ['create', { options: { outputField: 'vector' } }, 'vector', expect.any(Array)],
  [
    'classify',
    { modelId: byId(MODEL_IDS.reranker), options: { outputField: 'label' } },
    'label',
    'positive',
  ],
  [
    'rerank',
    {
      modelId: byId(MODEL_IDS.reranker),
      query: 'a',
      texts: '["a"]',
      options: { outputField: 'ranking' },
    },
    'ranking',
    { results: [{ index: 0, score: expect.any(Number) }] },
  ],
])('%s puts its answer into the field that is named', async (operation, more, field, value) => {
  const { items } = await run({ operation, ...more }, { items: some('a good day') });
  expect(items.map(({ json }) => json)).toStrictEqual([{ [field]: value }]);
});

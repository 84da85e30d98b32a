import OpenAI from 'openai';
import { MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';

afterEach(stopAll);

const { chat, reasoner, reasonerPlain, thinker, embedder, notEnabled } = MODEL_API_SLUGS;

async function client(path = '/inference/v1') {
  const local = await startTestEmulator();
  const openai = new OpenAI({
    apiKey: local.emulator.apiKey,
    baseURL: local.emulator.url + path,
    maxRetries: 0,
  });
  return { ...local, openai };
}

const user = (content: string) => [{ role: 'user' as const, content }];

const calculator = {
  type: 'function' as const,
  function: {
    name: 'calculator',
    description: 'Works out an arithmetic expression',
    parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
  },
};

describe('the official OpenAI client: chat', () => {
  test('lists the models of the workspace', async () => {
    const { openai } = await client();
    const { data } = await openai.models.list();
    expect(data.map(({ id }) => id)).toContain(chat);
    expect(data.map(({ id }) => id)).not.toContain(notEnabled);
    expect(data[0]).toMatchObject({ object: 'model', context_length: 131_072 });
  });

  test('gets an answer that says it is simulated, with usage', async () => {
    const { openai } = await client();
    const completion = await openai.chat.completions.create({
      model: chat,
      messages: user('Hello'),
    });
    expect(completion.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'Simulated answer to "Hello".' },
      finish_reason: 'stop',
    });
    const { prompt_tokens, completion_tokens, total_tokens } = completion.usage!;
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
    expect(completion_tokens).toBeGreaterThan(0);
  });

  test('gets the same text streamed, with the usage in the last chunk', async () => {
    const { openai } = await client();
    const chunks = [];
    const stream = await openai.chat.completions.create({
      model: chat,
      messages: user('Hello'),
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(4);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe('Simulated answer to "Hello".');
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { total_tokens: expect.any(Number) },
    });
  });

  test('streams without usage if none was asked for', async () => {
    const { openai } = await client();
    const body = { model: chat, messages: user('Hello') };
    const stream = await openai.chat.completions.create({ ...body, stream: true });
    for await (const chunk of stream) expect(chunk.usage).toBeUndefined();
  });

  test('is cut at max_tokens and at a stop sequence', async () => {
    const { openai } = await client();
    const base = { model: chat, messages: user('Hello') };
    const cut = await openai.chat.completions.create({ ...base, max_tokens: 2 });
    expect(cut.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { content: 'Simulated' },
    });
    const stopped = await openai.chat.completions.create({ ...base, stop: [' to'] });
    expect(stopped.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'Simulated answer' },
    });
  });

  test('gets JSON that satisfies a schema', async () => {
    const { openai } = await client();
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        age: { type: 'integer', minimum: 18 },
        mood: { enum: ['calm', 'cross'] },
        tags: { type: 'array', items: { $ref: '#/$defs/tag' }, minItems: 2 },
        note: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        active: { type: 'boolean' },
      },
      $defs: { tag: { type: 'object', properties: { label: { type: 'string', maxLength: 4 } } } },
    };
    const completion = await openai.chat.completions.create({
      model: chat,
      messages: user('A person of 42'),
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'person', schema, strict: true },
      },
    });
    expect(JSON.parse(completion.choices[0]!.message.content!)).toEqual({
      name: 'Simulated name',
      age: 42,
      mood: 'calm',
      tags: [{ label: 'Simu' }, { label: 'Simu' }],
      note: 'Simulated note',
      active: true,
    });
  });

  test('gets a JSON object', async () => {
    const { openai } = await client();
    const completion = await openai.chat.completions.create({
      model: chat,
      messages: user('Hello'),
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse(completion.choices[0]!.message.content!)).toHaveProperty('answer');
  });

  test('describes the images it gets', async () => {
    const { openai } = await client();
    const url = `data:image/png;base64,${Buffer.alloc(68).toString('base64')}`;
    const content = [
      { type: 'text' as const, text: 'What is this?' },
      { type: 'image_url' as const, image_url: { url } },
    ];
    const messages = [{ role: 'user' as const, content }];
    const completion = await openai.chat.completions.create({ model: chat, messages });
    expect(completion.choices[0]!.message.content).toContain(
      'image of type image/png with 68 bytes',
    );
  });
});

describe('the official OpenAI client: tools', () => {
  test('gets a call of the calculator, and its result in the answer', async () => {
    const { openai } = await client();
    const messages: OpenAI.ChatCompletionMessageParam[] = user('Please calculate 6*7');
    const first = await openai.chat.completions.create({
      model: chat,
      messages,
      tools: [calculator],
    });
    const { message, finish_reason } = first.choices[0]!;
    expect(finish_reason).toBe('tool_calls');
    const call = message.tool_calls![0] as OpenAI.ChatCompletionMessageFunctionToolCall;
    expect(call.function).toEqual({ name: 'calculator', arguments: '{"input":"6*7"}' });
    messages.push(message, { role: 'tool', tool_call_id: call.id, content: '42' });
    const second = await openai.chat.completions.create({
      model: chat,
      messages,
      tools: [calculator],
    });
    expect(second.choices[0]!.message.content).toContain('42');
  });

  test('gets one call for each expression, unless parallel calls are off', async () => {
    const { openai } = await client();
    const body = { model: chat, messages: user('calculate 6*7 and 8 plus 9'), tools: [calculator] };
    const both = await openai.chat.completions.create(body);
    expect(both.choices[0]!.message.tool_calls).toHaveLength(2);
    const single = await openai.chat.completions.create({ ...body, parallel_tool_calls: false });
    expect(single.choices[0]!.message.tool_calls).toHaveLength(1);
  });

  test('gets the arguments of a call streamed in parts', async () => {
    const { openai } = await client();
    const stream = await openai.chat.completions.create({
      model: chat,
      messages: user('calculate 123456 * 789'),
      tools: [calculator],
      stream: true,
    });
    let text = '';
    let reason: string | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
      reason = chunk.choices[0]?.finish_reason;
    }
    expect([text, reason]).toEqual(['{"input":"123456 * 789"}', 'tool_calls']);
  });

  test('gets no call if tool_choice is none, and one of the tool that it names', async () => {
    const { openai } = await client();
    const body = { model: chat, messages: user('calculate 1+1'), tools: [calculator] };
    const none = await openai.chat.completions.create({ ...body, tool_choice: 'none' });
    expect(none.choices[0]!.message.tool_calls).toBeUndefined();
    const extract = {
      type: 'function' as const,
      function: {
        name: 'extract',
        parameters: { type: 'object', properties: { count: { type: 'integer' } } },
      },
    };
    const named = await openai.chat.completions.create({
      model: chat,
      messages: user('three cats'),
      tools: [calculator, extract],
      tool_choice: { type: 'function', function: { name: 'extract' } },
    });
    expect(named.choices[0]!.message.tool_calls).toMatchObject([
      { function: { name: 'extract', arguments: '{"count":1}' } },
    ]);
  });
});

describe('reasoning models', () => {
  test.each([
    [reasoner, 'reasoning_content'],
    [reasonerPlain, 'reasoning'],
  ])('%s returns its reasoning in %s', async (model, field) => {
    const { openai } = await client();
    const { choices } = await openai.chat.completions.create({ model, messages: user('Hello') });
    expect(choices[0]!.message).toMatchObject({
      [field]: expect.stringContaining('pretend to think'),
    });
    expect(choices[0]!.message.content).toBe('Simulated answer to "Hello".');
  });

  test('reasoning is streamed before the answer', async () => {
    const { openai } = await client();
    const body = { model: reasoner, messages: user('Hi') };
    const stream = await openai.chat.completions.create({ ...body, stream: true });
    const kinds: string[] = [];
    for await (const { choices } of stream) {
      const delta = choices[0]!.delta as { reasoning_content?: string; content?: string };
      if (delta.reasoning_content) kinds.push('reasoning');
      else if (delta.content) kinds.push('content');
    }
    expect(kinds.join(' ')).toMatch(/^(reasoning )+(content ?)+$/);
  });

  test('the thinker thinks inside the content', async () => {
    const { openai } = await client();
    const { choices } = await openai.chat.completions.create({
      model: thinker,
      messages: user('Hello'),
    });
    expect(choices[0]!.message.content).toMatch(/^<think>[^]*<\/think>\s+Simulated answer/);
  });

  test('reasoning can be switched off', async () => {
    const { openai } = await client();
    const body = {
      model: reasoner,
      messages: user('Hello'),
      chat_template_args: { enable_thinking: false },
    };
    const { choices } = await openai.chat.completions.create(body);
    expect(choices[0]!.message).not.toHaveProperty('reasoning_content');
  });
});

describe('refusals', () => {
  test.each([
    ['an unknown model', { model: 'nope' }, 404],
    ['a Model API not enabled in the workspace', { model: notEnabled }, 404],
    ['an embeddings model', { model: embedder }, 404],
    ['an unknown top-level field', { model: chat, max_completion_tokens: 5 }, 400],
    ['a temperature out of range', { model: chat, temperature: 5 }, 400],
    ['several choices', { model: chat, n: 2 }, 400],
    ['no messages', { model: chat, messages: [] }, 400],
    ['an unknown role', { model: chat, messages: [{ role: 'developer', content: 'x' }] }, 400],
  ])('%s is refused', async (_what, more, status) => {
    const { post } = await startTestEmulator();
    const response = await post('/inference/v1/chat/completions', {
      messages: user('Hello'),
      ...more,
    });
    expect([response.status, typeof response.json.error]).toEqual([status, 'string']);
  });

  test('an unknown field is named', async () => {
    const { post } = await startTestEmulator();
    const body = { model: chat, messages: user('Hello'), colour: 'red' };
    expect((await post('/inference/v1/chat/completions', body)).json.error).toContain('"colour"');
  });
});

describe('a language model that is deployed', () => {
  const path = `/model-${MODEL_IDS.llm}/environments/production/sync/v1`;

  test('serves chat under the name baseten only', async () => {
    const { openai } = await client(path);
    const { data } = await openai.models.list();
    expect(data.map(({ id }) => id)).toEqual(['baseten']);
    const body = { model: 'baseten', messages: user('Hello') };
    expect((await openai.chat.completions.create(body)).choices[0]!.message.content).toContain(
      'Hello',
    );
    const other = openai.chat.completions.create({ ...body, model: chat });
    await expect(other).rejects.toMatchObject({ status: 404 });
  });

  test('waits before each token of a stream', async () => {
    const { clock, emulator, post } = await startTestEmulator({ tokenMs: 50 });
    const body = { model: 'baseten', messages: user('Hi'), stream: true };
    const response = post(`${path}/chat/completions`, body);
    while (emulator.requests.length === 0 || clock.pending === 0) await clock.flush();
    await clock.advance(10_000);
    expect((await response).text).toMatch(/data: \[DONE\]\n\n$/);
  });
});

describe('the official OpenAI client: embeddings', () => {
  const dot = (left: number[], right: number[]) =>
    left.reduce((sum, value, at) => sum + value * right[at]!, 0);

  test.each(['float', 'base64'] as const)('can be had as %s', async (encoding_format) => {
    const { openai } = await client();
    const input = ['one text', 'another text'];
    const { data, usage } = await openai.embeddings.create({
      model: embedder,
      input,
      encoding_format,
    });
    expect(data.map(({ index }) => index)).toEqual([0, 1]);
    expect(usage.prompt_tokens).toBe(4);
    const [first] = data;
    if (encoding_format === 'base64') expect(typeof first!.embedding).toBe('string');
    else expect(first!.embedding).toHaveLength(256);
  });

  test('are the same vectors in both encodings', async () => {
    const { openai } = await client();
    // Without encoding_format this client asks for base64 and decodes it.
    const decoded = await openai.embeddings.create({ model: embedder, input: 'some words here' });
    const plain = await openai.embeddings.create({
      model: embedder,
      input: 'some words here',
      encoding_format: 'float',
    });
    expect(decoded.data[0]!.embedding).toEqual(plain.data[0]!.embedding);
  });

  test('are nearer for texts that share words', async () => {
    const { openai } = await client();
    const input = ['the red cat sleeps', 'a red cat sleeps here', 'quarterly revenue figures'];
    const { data } = await openai.embeddings.create({ model: embedder, input });
    const [cat, otherCat, revenue] = data.map(({ embedding }) => embedding) as [
      number[],
      number[],
      number[],
    ];
    expect(dot(cat, otherCat)).toBeGreaterThan(dot(cat, revenue) + 0.3);
    expect(dot(cat, cat)).toBeCloseTo(1);
  });

  test('have as many dimensions as were asked for', async () => {
    const { openai } = await client();
    const { data } = await openai.embeddings.create({
      model: embedder,
      input: 'x',
      dimensions: 16,
    });
    expect(data[0]!.embedding).toHaveLength(16);
  });

  test('are served by an embeddings engine that is deployed, too', async () => {
    const { openai } = await client(`/model-${MODEL_IDS.embedder}/production/sync/v1`);
    const { data } = await openai.embeddings.create({ model: 'any-name', input: ['x', 'y'] });
    expect(data).toHaveLength(2);
  });

  test('are refused with 413 for too many texts and with 400 for none', async () => {
    const { post } = await startTestEmulator({ limits: { batchSize: 2 } });
    const embed = (input: string[]) => post('/inference/v1/embeddings', { model: embedder, input });
    expect((await embed(['a', 'b'])).status).toBe(200);
    expect((await embed(['a', 'b', 'c'])).status).toBe(413);
    expect((await embed([])).status).toBe(400);
  });
});

import { MODEL_API_SLUGS, type ModelCall, type ModelResponse } from '../../emulator';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import type { NodeInARow } from '../../host/n8n/workflowJson';
import type { Run } from '../../host/n8n/run';
import * as nodes from '../support/agents';
import type { SubNode } from '../support/agents';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { WELL_FORMED, type WellFormedAnswer } from '../support/wellFormedAnswers';

const MINUTE = 60_000;
/** The versions of the AI Agent that n8n brings and that call tools by the model's own way. */
const AGENTS = [2, 2.1, 2.2, 3, 3.1];
/** Those that stream. */
const STREAMING = AGENTS.slice(1);
const SOON_MS = 1000;

let testBed: SimulatedTestBed;
let openAi: string;

beforeAll(async () => {
  testBed = await startTestBed({
    host: await installedHost(),
    env: { N8N_EXPRESSION_ENGINE: 'legacy' },
  });
  openAi = await testBed.n8n.api.createCredential({
    name: 'OpenAI',
    type: 'openAiApi',
    data: { apiKey: testBed.emulator.apiKey, url: testBed.emulator.modelApiUrl },
  });
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);
beforeEach(() => {
  testBed.emulator.faults.clear();
  testBed.emulator.clearRequests();
});

interface Message extends Record<string, unknown> {
  role: string;
  content: unknown;
  tool_calls?: unknown[];
  reasoning_content?: string;
}

interface Body extends Record<string, unknown> {
  messages: Message[];
}

/** The calls of the model. Besides them there is a question about its limits. */
const calls = () =>
  testBed.emulator.requests.filter(({ path }) => path.endsWith('/chat/completions'));
const bodies = () => calls().map((request) => request.json() as Body);

let count = 0;

async function add(row: NodeInARow[], subNodes: SubNode[]): Promise<string> {
  const { api } = testBed.n8n;
  const workflow = nodes.withSubNodes(`Model ${++count}`, row, subNodes);
  const credentials = { basetenWorkspaceApi: testBed.credential.id, openAiApi: openAi };
  return await api.importWorkflow(workflow, credentials);
}

/** Runs a workflow by hand. */
async function run(row: NodeInARow[], subNodes: SubNode[]): Promise<Run> {
  return await testBed.n8n.api.runAndWait(await add([nodes.BY_HAND, ...row], subNodes), 'Start');
}

interface Chat {
  /** What the page shows. */
  text: string;
  errors: string[];
  run: Run;
}

/** Says something on a chat page. @param path the end of its address */
async function say(path: string, said: string, sessionId = path): Promise<Response> {
  return await fetch(`${testBed.url}/webhook/${path}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'sendMessage', chatInput: said, sessionId }),
  });
}

/** Says something on a chat page of its own that streams. */
async function chat(said: string, row: NodeInARow[], subNodes: SubNode[]): Promise<Chat> {
  const path = `chat-model-${++count}`;
  const id = await add([nodes.chatPage(path), ...row], subNodes);
  await testBed.n8n.api.publish(id);
  const chunks = (await (await say(path, said)).text())
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { type: string; content?: string });
  const contents = (type: string) =>
    chunks.filter((each) => each.type === type).map(({ content }) => content ?? '');
  return {
    text: contents('item').join(''),
    errors: contents('error'),
    run: await testBed.n8n.api.newest(id),
  };
}

const STEPS = 'Work out 6*7 and 2+3 then 10-4';
const thinking = nodes.basetenModel(MODEL_API_SLUGS.agentReasoner);

/** What an agent that has done all steps must have sent. */
function expectSteps(): void {
  const sent = bodies();
  expect(sent).toHaveLength(3);
  const roles = sent.at(-1)?.messages.map(({ role }) => role);
  expect(roles?.slice(-6)).toStrictEqual([
    'user',
    'assistant',
    'tool',
    'tool',
    'assistant',
    'tool',
  ]);
  const answers = sent.at(-1)?.messages.filter(({ role }) => role === 'assistant') ?? [];
  expect(answers.map(({ tool_calls: made }) => made?.length)).toStrictEqual([2, 1]);
  for (const { reasoning_content: reasoning } of answers)
    expect(reasoning).toMatch(/I only pretend to think/);
  const results = sent.at(-1)?.messages.filter(({ role }) => role === 'tool') ?? [];
  expect(results.map(({ content }) => /42|5|6/.exec(String(content))?.[0])).toStrictEqual([
    '42',
    '5',
    '6',
  ]);
}

// The simulated model refuses calls that come back apart, changed, or without its reasoning.
describe.each(AGENTS)('AI Agent %s', (version) => {
  test(
    'does steps with calls side by side, and gives the model its reasoning back',
    async () => {
      const done = await run([nodes.agent(version, STEPS)], [thinking, nodes.CALCULATOR]);
      expect(done.error).toBeUndefined();
      expect(done.items('Root')[0]?.json.output).toMatch(/^Simulated answer: the tool says .*6/);
      expectSteps();
    },
    MINUTE,
  );

  test(
    'shows nothing of what a model thinks in its text',
    async () => {
      const model = nodes.basetenModel(MODEL_API_SLUGS.thinker);
      const done = await run([nodes.agent(version, 'Hello')], [model]);
      expect(done.items('Root')[0]?.json.output).toBe('Simulated answer to "Hello".');
    },
    MINUTE,
  );

  test(
    'shows the tokens that the server counted, those of its cache apart',
    async () => {
      const session = `tokens-${version}`;
      const done = await run(
        [nodes.agent(version, STEPS)],
        [thinking, nodes.CALCULATOR, nodes.memory(session)],
      );
      const shown = done.subNodeItems('Model', 'ai_languageModel').map(({ json }) => json);
      const usage = shown.map(({ tokenUsage }) => tokenUsage as Record<string, number>);
      expect(usage).toHaveLength(3);
      expect(usage[0]).toMatchObject({ cachedTokens: 0, reasoningTokens: expect.any(Number) });
      expect(usage.slice(1).every(({ cachedTokens = 0 }) => cachedTokens > 0)).toBe(true);
      expect(usage.every(({ promptTokens = 0 }) => promptTokens > 0)).toBe(true);
      const sessions = calls().map(({ headers }) => headers['x-session-affinity']);
      expect(sessions).toStrictEqual([session, session, session]);
    },
    MINUTE,
  );

  test(
    'goes on with a conversation that its memory keeps, calls included',
    async () => {
      const subNodes = [thinking, nodes.CALCULATOR, nodes.memory()];
      const path = `memory-${String(version).replace('.', '-')}`;
      const id = await add([nodes.chatPage(path), nodes.agent(version)], subNodes);
      await testBed.n8n.api.publish(id);
      for (const said of ['Work out 6*7', 'Work out 3*4']) await (await say(path, said)).text();
      const done = await testBed.n8n.api.newest(id);
      expect(done.error).toBeUndefined();
      expect(done.items('Root')[0]?.json.output).toMatch(/12/);
      expect(bodies()).toHaveLength(4);
      for (const { headers } of calls()) expect(headers['x-session-affinity']).toBe(path);
    },
    MINUTE,
  );

  test(
    'gives the model the pictures of its item',
    async () => {
      const options = { passthroughBinaryImages: true };
      const done = await run(
        [nodes.PICTURE, nodes.agent(version, 'See', options)],
        [nodes.basetenModel(MODEL_API_SLUGS.chat)],
      );
      expect(done.error).toBeUndefined();
      expect(JSON.stringify(bodies()[0])).toContain('data:image/png;base64,cGljdHVyZQ==');
    },
    MINUTE,
  );

  test(
    'says what went wrong, without the key',
    async () => {
      testBed.emulator.faults.add({
        kind: 'status',
        status: 400,
        match: { path: '/chat/completions' },
        body: { error: `Bearer ${testBed.emulator.apiKey} can't` },
      });
      const done = await run([nodes.agent(version, 'Hello')], [thinking]);
      expect(done.status).toBe('error');
      expect(done.error).toContain('Baseten could not read the request');
      expect(done.errorsOf('Model')[0]).toMatchObject({
        message: expect.stringContaining('Baseten could not read the request'),
        description: expect.stringContaining('Check the input against what the model expects'),
      });
      expect(done.raw).not.toContain(testBed.emulator.apiKey);
    },
    MINUTE,
  );

  test(
    'waits for a rate limit and goes on',
    async () => {
      const headers = { 'retry-after': '1' };
      testBed.emulator.faults.add({
        kind: 'status',
        status: 429,
        headers,
        match: { path: '/chat/completions' },
      });
      const done = await run([nodes.agent(version, 'Hello')], [thinking]);
      expect(done.items('Root')[0]?.json.output).toBe('Simulated answer to "Hello".');
      expect(bodies()).toHaveLength(2);
    },
    MINUTE,
  );
});

describe.each(STREAMING)('AI Agent %s while it streams', (version) => {
  test(
    'does the same',
    async () => {
      const { text, errors } = await chat(
        STEPS,
        [nodes.agent(version)],
        [thinking, nodes.CALCULATOR],
      );
      expect(errors).toStrictEqual([]);
      expect(text).toMatch(/Simulated answer: the tool says .*6/);
      expect(text).not.toMatch(/think/);
      expectSteps();
      for (const body of bodies()) expect(body).toMatchObject({ stream: true });
    },
    MINUTE,
  );

  test(
    'shows nothing of what a model thinks in its text',
    async () => {
      const model = nodes.basetenModel(MODEL_API_SLUGS.thinker);
      const { text } = await chat('Hello', [nodes.agent(version)], [model]);
      expect(text).toBe('Simulated answer to "Hello".');
    },
    MINUTE,
  );

  test(
    'takes no half of an answer for a whole one',
    async () => {
      testBed.emulator.faults.add({
        kind: 'truncate',
        times: 'always',
        match: { path: '/chat/completions' },
      });
      const { errors, run: done } = await chat('Hello', [nodes.agent(version)], [thinking]);
      expect(done.status).toBe('error');
      expect(done.error).toMatch(/broke off|connection/i);
      expect(errors.join()).toMatch(/broke off|connection/i);
    },
    MINUTE,
  );
});

describe.each([3, 3.1])('AI Agent %s', (version) => {
  test(
    'makes the model call a tool first, if it is told to',
    async () => {
      const options = { forceToolCallOnFirstIteration: true };
      const done = await run(
        [nodes.agent(version, 'Work out 6*7', options)],
        [thinking, nodes.CALCULATOR],
      );
      expect(done.error).toBeUndefined();
      const choices = bodies().map(({ tool_choice: choice }) => choice);
      expect(choices).toStrictEqual(['required', undefined]);
    },
    MINUTE,
  );
});

/** Servers with ways of their own, that an agent must bear. */
const ODD = [
  'id-emptied',
  'index-zero',
  'no-index',
  'no-id',
  'name-in-pieces',
  'arguments-object',
  'arguments-twice',
  'keep-alive-data',
  'one-line-break',
  'json-lines',
  'message-at-end',
  'stream-always',
  'stream-never',
  'no-type',
];

test.each(ODD)(
  'an agent makes the calls of a server that has the way %s, whole and streamed',
  async (way) => {
    const subNodes = [nodes.basetenModel(`odd/${way}`), nodes.CALCULATOR];
    const done = await run([nodes.agent(3.1, 'Work out 6*7 and 2+3')], subNodes);
    expect(done.error).toBeUndefined();
    expect(done.items('Root')[0]?.json.output).toMatch(/42.* and .*5/);
    const { text, errors } = await chat('Work out 6*7 and 2+3', [nodes.agent(3.1)], subNodes);
    expect([errors, text]).toStrictEqual([[], expect.stringMatching(/42.* and .*5/)]);
    expect(bodies()).toHaveLength(4);
  },
  MINUTE,
);

/** What works on a model, and what must come out as with n8n's own OpenAI model. */
const ROOTS: Array<[string, NodeInARow[], SubNode[]]> = [
  // The simulated model refuses calls that this agent gives back apart, as it does for OpenAI.
  ['AI Agent', [nodes.agent(3.1, 'Hello')], [nodes.CALCULATOR]],
  ['AI Agent with a parser', [nodes.agent(3.1, 'Hello')], [nodes.parserOf('answer')]],
  ['Basic LLM Chain', [nodes.root('chainLlm', 1.9, { promptType: 'define', text: 'Hello' })], []],
  [
    'Basic LLM Chain with a parser',
    [
      nodes.root('chainLlm', 1.9, {
        promptType: 'define',
        text: 'Hello',
        hasOutputParser: true,
      }),
    ],
    [nodes.parserOf('answer')],
  ],
  [
    'Information Extractor',
    [
      nodes.root('informationExtractor', 1.2, {
        text: 'The fox is red.',
        schemaType: 'fromAttributes',
        attributes: {
          attributes: [{ name: 'colour', type: 'string', description: 'x', required: true }],
        },
      }),
    ],
    [],
  ],
  [
    'Text Classifier',
    [
      nodes.root('textClassifier', 1.1, {
        inputText: 'The fox is red.',
        categories: { categories: [{ category: 'animals', description: 'x' }] },
      }),
    ],
    [],
  ],
];

test.each(ROOTS)(
  'a %s works as with n8n’s own OpenAI model',
  async (_name, row, subNodes) => {
    const shown = async (model: SubNode) => {
      const done = await run(row, [model, ...subNodes]);
      const items = done.status === 'success' ? done.items('Root').map(({ json }) => json) : [];
      return { status: done.status, items, asked: bodies().length };
    };
    const expected = await shown(nodes.OPENAI_MODEL);
    testBed.emulator.clearRequests();
    expect(await shown(nodes.basetenModel(MODEL_API_SLUGS.chat))).toStrictEqual(expected);
  },
  2 * MINUTE,
);

// n8n's own OpenAI model fetches a table of tokens from the internet first.
test(
  'a Summarization Chain sums a text up',
  async () => {
    const jsCode = "return [{ json: { text: 'The fox is red.' } }];";
    const text = {
      name: 'Text',
      type: 'n8n-nodes-base.code',
      typeVersion: 2,
      parameters: { jsCode },
    };
    const chain = nodes.root('chainSummarization', 2, { operationMode: 'nodeInputJson' });
    const done = await run([text, chain], [nodes.basetenModel(MODEL_API_SLUGS.chat)]);
    expect(done.error).toBeUndefined();
    expect(JSON.stringify(bodies()[0])).toContain('The fox is red.');
    expect(JSON.stringify(done.items('Root')[0]?.json)).toContain('Simulated answer');
  },
  MINUTE,
);

const ANSWERS = WELL_FORMED.map((answer): [string, WellFormedAnswer] => [answer.name, answer]);

test.each(ANSWERS)(
  'an agent makes of these bytes what it makes with n8n’s own OpenAI model: %s',
  async (_name, { whole, stream, calls: made }) => {
    const answering = (body: string, type: string) =>
      testBed.emulator.faults.add({
        kind: 'status',
        status: 200,
        body,
        headers: { 'content-type': type },
        match: { path: '/chat/completions' },
      });
    /** A second question differs: calls of one answer go back together with this model alone. */
    const shown = async (model: SubNode) => {
      testBed.emulator.clearRequests();
      const subNodes = [model, nodes.CALCULATOR];
      answering(whole, 'application/json');
      const once = await run([nodes.agent(3.1, 'Hello')], subNodes);
      answering(stream, 'text/event-stream');
      const streamed = await chat('Hello', [nodes.agent(3.1)], subNodes);
      expect([once.error, streamed.errors]).toStrictEqual([undefined, []]);
      return {
        asked: bodies().map((body) => body.stream === true),
        results: [once, streamed.run].map((each) =>
          made.length === 0 ? [] : each.subNodeItems('Calculator', 'ai_tool'),
        ),
        texts: made.length > 1 ? [] : [once.items('Root')[0]?.json.output, streamed.text],
      };
    };
    const expected = await shown(nodes.OPENAI_MODEL);
    expect(expected.results[0]).toHaveLength(made.length);
    expect(await shown(nodes.basetenModel(MODEL_API_SLUGS.chat))).toStrictEqual(expected);
  },
  2 * MINUTE,
);

test(
  'a chain parses the answer if the model is set to JSON',
  async () => {
    const schema = { type: 'object', properties: { colour: { type: 'string' } } };
    const row = [nodes.root('chainLlm', 1.9, { promptType: 'define', text: 'Which?' })];
    for (const options of [
      { responseFormat: 'json_object' },
      { responseFormat: 'json_schema', jsonSchema: JSON.stringify(schema) },
    ]) {
      const model = nodes.basetenModel(MODEL_API_SLUGS.chat, options);
      const done = await run(row, [model]);
      expect(done.error).toBeUndefined();
      expect(JSON.stringify(done.items('Root')[0]?.json)).toMatch(/"(answer|colour)":"/);
    }
  },
  MINUTE,
);

test.each(AGENTS)(
  'AI Agent %s is told of the file that a Baseten node has made as its tool',
  async (version) => {
    const done = await run(
      [nodes.agent(version, 'Draw a fox')],
      [nodes.basetenModel(MODEL_API_SLUGS.chat), nodes.drawing()],
    );
    expect(done.error).toBeUndefined();
    const told = bodies()
      .at(-1)
      ?.messages.find(({ role }) => role === 'tool');
    const [file] = [JSON.parse(String(told?.content)) as object].flat();
    expect(file).toStrictEqual({
      file: 'data.png',
      mimeType: 'image/png',
      bytes: expect.any(Number),
    });
  },
  MINUTE,
);

describe('stopping the execution', () => {
  /** A model that never comes to its end. @returns how many of its calls were aborted */
  const endless = (id: string) => {
    let aborted = 0;
    const server = async ({ signal }: ModelCall): Promise<ModelResponse> => {
      const stopped = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve()),
      );
      void stopped.then(() => aborted++);
      await stopped;
      return { body: '' };
    };
    testBed.emulator.addModel({ id, name: id, handler: () => ({ body: '' }), server });
    return () => aborted;
  };
  const deployment = (id: string): SubNode => ({
    ...nodes.basetenModel('baseten'),
    parameters: {
      source: 'deployment',
      modelId: { __rl: true, mode: 'id', value: id },
      target: 'production',
      model: { __rl: true, mode: 'id', value: 'baseten' },
      options: {},
    },
  });

  test.each<[string, NodeInARow]>([
    ['AI Agent 2.2', nodes.agent(2.2, 'Hello')],
    ['AI Agent 3.1', nodes.agent(3.1, 'Hello')],
    ['Basic LLM Chain', nodes.root('chainLlm', 1.9, { promptType: 'define', text: 'Hello' })],
    [
      'Text Classifier',
      nodes.root('textClassifier', 1.1, {
        inputText: 'Hello',
        categories: { categories: [{ category: 'a', description: 'x' }] },
      }),
    ],
  ])(
    'aborts the call of a %s within a second',
    async (_name, row) => {
      const id = `endless${++count}`;
      const aborted = endless(id);
      const { api } = testBed.n8n;
      const executionId = await api.run(await add([nodes.BY_HAND, row], [deployment(id)]), 'Start');
      await eventually('the call in flight', () => testBed.emulator.inFlight === 1);
      const clicked = performance.now();
      await api.call('POST', `/rest/executions/${executionId}/stop`);
      await eventually('the call stopped', () => aborted() === 1, 10_000);
      expect(performance.now() - clicked).toBeLessThan(SOON_MS);
      expect((await api.waitFor(executionId)).status).toBe('canceled');
      expect(bodies()).toHaveLength(1);
    },
    MINUTE,
  );
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../nodes/shared/json';
import { PROJECT } from '../install/pack';
import type { Run, RunItem } from '../n8n/run';
import type { WorkflowJson, WorkflowNode } from '../n8n/workflowJson';

/** What is reported of a workflow that gave what it should. */
export interface Outcome {
  /** How many items it gave. */
  items: number;
  /** A short sentence for a person. */
  summary: string;
}

/** A workflow of `examples/`, and what it has to give. */
export interface Example {
  /** Its file in `examples/`. */
  file: string;
  /** For each simulated model or chain that it calls, the environment variable with a real ID. */
  ids: Record<string, string>;
  /** The simulated model or chain that each node calls. People choose theirs from empty lists. */
  models?: Record<string, string>;
  /**
   * Nodes of services that the demo has no account for. In their place stands a node that gives
   * these items, or passes on what comes to it.
   */
  standIns?: Record<string, 'passesOn' | Array<Pick<RunItem, 'json' | 'binary'>>>;
  /**
   * If it is started by calls of its webhook and not by hand: the path to call, and the bodies, one
   * call after the other.
   */
  calls?: { path: string; bodies: object[] };
  /** Baseten delivers results to it. The real Baseten can't reach an n8n on loopback. */
  needsDelivery?: boolean;
  /** @throws {Error} that says what is wrong, if the run didn't give what it should */
  check(run: Run, context: CheckContext): Outcome | Promise<Outcome>;
}

/** A response that came in pieces. */
export interface StreamedResponse {
  text: string;
  /** Milliseconds from the call until the first piece with content. */
  firstMs: number;
  /** Milliseconds from the call until the end. */
  totalMs: number;
}

/** What a check may need besides the run. */
export interface CheckContext {
  /** Whether Baseten is simulated. */
  simulated: boolean;
  /** What the webhook responded to the last call, if the example is started by calls. */
  response?: StreamedResponse;
  /** Runs the same workflow from another of its triggers. */
  run(triggerName: string): Promise<Run>;
  /** Calls a webhook of the workflow. Returns the execution that this started. */
  call(path: string, body: object): Promise<Run>;
  /**
   * Waits until a node has given this many items, in all runs together. Returns the runs in which
   * it gave some.
   * @throws {Error} if that takes too long
   */
  runsOf(nodeName: string, items: number): Promise<Run[]>;
}

/** What embeds, reranks and answers in the examples with documents. */
const DOCUMENT_MODELS = {
  embedd01: 'BASETEN_MODEL_EMBEDDER',
  rerank01: 'BASETEN_MODEL_RERANKER',
  'emulator/chat': 'BASETEN_MODEL_API',
};

/** Files of a folder, by their names. */
const HANDBOOK: Record<string, string> = {
  'office.txt': 'The office is open from 8 in the morning to 6 in the evening.',
  'vacation.txt': 'Every employee has 28 days of vacation a year.',
  'approval.txt': 'A vacation of more than two weeks needs the approval of the team lead.',
  'travel.txt': 'Train tickets are booked in second class and paid by the company.',
  'laptops.txt': 'A lost laptop has to be reported on the same day.',
  'kitchen.txt': 'The kitchen on the second floor is cleaned every Friday.',
};

/**
 * Every workflow of `examples/`, with what it must give. The demo and the server tests use the same
 * list.
 */
export const EXAMPLES: Example[] = [
  {
    file: 'classify-reviews.json',
    ids: { sentim01: 'BASETEN_MODEL_SENTIMENT' },
    models: { Classify: 'sentim01' },
    check(run, { simulated }) {
      const reviews = run.items('Reviews');
      const items = run.lastItems;
      expect(items.length === 24, `24 items were expected, ${items.length} came`);
      expect(
        items.every((item, index) => item.json.review === reviews[index]?.json.review),
        'the answers are not in the order of the reviews',
      );
      if (!simulated)
        return { items: items.length, summary: `${items.length} reviews answered, in order` };
      const labels = count(items, 'label');
      const known = ['positive', 'negative', 'neutral'];
      expect(
        Object.keys(labels).every((label) => known.includes(label)),
        `labels were ${list(labels)}`,
      );
      expect(Boolean(labels.positive && labels.negative), `labels were only ${list(labels)}`);
      return { items: items.length, summary: `${items.length} reviews: ${list(labels)}` };
    },
  },
  {
    file: 'sheet-classify.json',
    ids: { 'emulator/chat': 'BASETEN_MODEL_API' },
    models: { Classify: 'emulator/chat' },
    standIns: {
      Rows: Array.from({ length: 500 }, (_, index) => ({
        json: { row_number: index + 2, text: `Review ${index + 1}: I love it.`, label: '' },
      })),
      'Write Labels': 'passesOn',
    },
    check(run) {
      const rows = run.items('Rows').map(({ json }) => json);
      const written = run.items('Write Labels').map(({ json }) => json);
      expect(written.length === 500, `500 rows were expected, ${written.length} came`);
      const labels = count(run.items('Write Labels'), 'label');
      const known = ['positive', 'negative', 'neutral'];
      expect(
        Object.keys(labels).every((label) => known.includes(label)),
        `labels were ${list(labels)}`,
      );
      expect(
        written.every(
          ({ row_number: number, text }, index) =>
            number === rows[index]?.row_number && text === rows[index]?.text,
        ),
        'the labels do not stand beside their rows',
      );
      return { items: written.length, summary: `500 rows with a label: ${list(labels)}` };
    },
  },
  {
    file: 'fields-from-the-model.json',
    ids: { imagen01: 'BASETEN_MODEL_IMAGE' },
    models: { Draw: 'imagen01' },
    async check(run, { simulated }) {
      const items = run.lastItems;
      expect(items.length === 3, `3 items were expected, ${items.length} came`);
      const sizes = await Promise.all(
        items.map(async (item) => {
          const [property] = Object.keys(item.binary ?? {});
          expect(property !== undefined, 'an item has no file');
          const { width, height } = pngSize(await run.file(item, property)) ?? {};
          return `${width} × ${height}`;
        }),
      );
      // The height was left empty: the model's own is 256.
      const isRight = sizes.every((size) => size === '128 × 256');
      expect(!simulated || isRight, `the pictures are ${sizes.join(', ')}`);
      return { items: items.length, summary: `3 pictures of ${sizes[0]}, the height left out` };
    },
  },
  {
    file: 'generate-image.json',
    ids: { imagen01: 'BASETEN_MODEL_IMAGE' },
    models: { Generate: 'imagen01' },
    async check(run, { simulated }) {
      const [item] = run.lastItems;
      expect(item !== undefined, 'no item came');
      const [property, file] = Object.entries(item.binary ?? {})[0] ?? [];
      expect(property !== undefined && file !== undefined, 'the item has no file');
      const bytes = await run.file(item, property);
      const size = pngSize(bytes);
      if (simulated) expect(size !== undefined, `the file is not a PNG but ${file.mimeType}`);
      const what = size ? `a PNG of ${size.width} × ${size.height}` : file.mimeType;
      return {
        items: 1,
        summary: `${what}, ${Math.ceil(bytes.length / 1024)} KiB, in the file "${property}"`,
      };
    },
  },
  {
    file: 'images-with-names.json',
    ids: { flux0001: 'BASETEN_MODEL_FLUX' },
    models: { Images: 'flux0001' },
    async check(run) {
      const items = run.lastItems;
      const names = items.map(({ binary }) => binary?.data?.fileName);
      expectSame(names, ['L-100-1.png', 'L-100-2.png', 'K-200-1.png', 'K-200-2.png'], 'the names');
      const skus = count(items, 'sku');
      expect(skus['L-100'] === 2 && skus['K-200'] === 2, `the products were ${list(skus)}`);
      const files = await Promise.all(items.map(async (item) => await run.file(item, 'data')));
      const different = new Set(files.map((file) => file.toString('base64'))).size;
      expect(different === 4, `only ${different} of 4 images differ`);
      return { items: items.length, summary: `4 images: ${names.join(', ')}` };
    },
  },
  {
    file: 'speak-a-text.json',
    ids: { orpheus1: 'BASETEN_MODEL_ORPHEUS' },
    models: { Speak: 'orpheus1' },
    async check(run) {
      const [item] = run.lastItems;
      expect(item !== undefined, 'no item came');
      const file = await run.file(item, 'data');
      const { fileName } = item.binary?.data ?? {};
      const isWav = file.toString('latin1', 0, 4) === 'RIFF';
      expect(isWav && fileName === 'order.wav', `the file is ${fileName}`);
      const length = file.readUInt32LE(40) / file.readUInt32LE(28);
      return { items: 1, summary: `${length.toFixed(1)} s of speech in ${fileName}` };
    },
  },
  {
    file: 'transcribe-files.json',
    ids: { kokoro01: 'BASETEN_MODEL_KOKORO', fasterw1: 'BASETEN_MODEL_WHISPER' },
    models: { Recordings: 'kokoro01', Transcribe: 'fasterw1' },
    async check(run) {
      const items = run.lastItems;
      expect(items.length === 3, `3 items were expected, ${items.length} came`);
      for (const item of items) {
        const { data, subtitles } = item.binary ?? {};
        const name = String(data?.fileName).replace(/\.wav$/, '.srt');
        expect(
          subtitles?.fileName === name,
          `the subtitles of ${data?.fileName} are ${subtitles?.fileName}`,
        );
        const text = (await run.file(item, 'subtitles')).toString('utf8');
        expect(text.startsWith('1\n00:00:00,'), `the subtitles begin with: ${text.slice(0, 40)}`);
      }
      return {
        items: 3,
        summary: `3 texts, each with its subtitles: ${String(items[0]?.json.text).slice(0, 40)}…`,
      };
    },
  },
  {
    file: 'submit-and-poll.json',
    ids: { transc01: 'BASETEN_MODEL_TRANSCRIBER' },
    models: { Submit: 'transc01', Ask: 'transc01' },
    check(run) {
      const [item] = run.lastItems;
      const status = String(item?.json.status);
      expect(status === 'SUCCEEDED', `the request ended as ${status}`);
      const asked = Math.max(...run.nodeNames.map((name) => run.timesRun(name)));
      const request = `${String(item?.json.request_id).slice(0, 8)}…`;
      return { items: 1, summary: `request ${request} ${status} after ${plural(asked, 'look')}` };
    },
  },
  {
    file: 'wake-then-predict.json',
    ids: { sleepy01: 'BASETEN_MODEL_SLEEPER' },
    models: { Wake: 'sleepy01', Predict: 'sleepy01' },
    check(run, { simulated }) {
      const [item] = run.lastItems;
      expect(item !== undefined, 'no item came');
      if (simulated) expect(item.json.awake === true, `the answer was ${brief(item)}`);
      const wake = run.nodeNames.find((name) => /wake/i.test(name)) ?? '';
      const ready = seconds(run.nodeMs(wake));
      return { items: 1, summary: `ready ${ready} after waking, then answered: ${brief(item)}` };
    },
  },
  {
    file: 'call-chain.json',
    ids: { sumscor1: 'BASETEN_CHAIN' },
    models: { 'Run Chain': 'sumscor1' },
    check(run, { simulated }) {
      const [item] = run.lastItems;
      expect(item !== undefined && Object.keys(item.json).length > 0, 'the chain gave nothing');
      if (!simulated)
        return { items: run.lastItems.length, summary: `the chain answered: ${brief(item)}` };
      const { summary, sentiment } = item.json as {
        summary?: string;
        sentiment?: { label?: string };
      };
      expect(summary?.includes('lighthouse') === true, `the summary was "${summary}"`);
      expect(sentiment?.label === 'positive', `the sentiment was ${sentiment?.label}`);
      return {
        items: run.lastItems.length,
        summary: `summary "${summary}", sentiment ${sentiment.label}`,
      };
    },
  },
  {
    file: 'async-to-trigger.json',
    ids: { sentim01: 'BASETEN_MODEL_SENTIMENT' },
    models: { Submit: 'sentim01' },
    needsDelivery: true,
    async check(run, { runsOf }) {
      const orders = run.items('Orders').map(({ json }) => json.order);
      const runs = await runsOf('Label', orders.length);
      const labels = runs.flatMap((each) => each.items('Label'));
      expectSame(
        labels.map(({ json }) => json.order),
        orders,
        'the order numbers',
      );
      return {
        items: labels.length,
        summary:
          `${labels.length} results with their order numbers: ` + list(count(labels, 'label')),
      };
    },
  },
  {
    file: 'wait-for-result.json',
    ids: { transc01: 'BASETEN_MODEL_TRANSCRIBER' },
    models: { Transcribe: 'transc01' },
    needsDelivery: true,
    check(run) {
      const [item] = run.lastItems;
      expect(
        item?.json.recording === 'interview-7',
        `the metadata did not come back: ${item && brief(item)}`,
      );
      return {
        items: 1,
        summary: `slept ${seconds(run.ms)}, then went on with: ${String(item.json.text)}`,
      };
    },
  },
  {
    file: 'wait-for-several.json',
    ids: { echo0001: 'BASETEN_MODEL_ECHO' },
    models: { Classify: 'echo0001' },
    needsDelivery: true,
    check(run) {
      const texts = run.items('Texts').map(({ json }) => json.text);
      expectSame(
        run.items('Answers').map(({ json }) => json.text),
        texts,
        'the answers',
      );
      expectSame(
        run.items('Answers').map(({ json }) => json.number),
        run.items('Texts').map(({ json }) => json.number),
        'the numbers of the items',
      );
      return {
        items: texts.length,
        summary: `slept ${seconds(run.ms)} for ${texts.length} results, in the order of the items`,
      };
    },
  },
  {
    file: 'burst-of-completions.json',
    ids: { echo0001: 'BASETEN_MODEL_ECHO' },
    models: { Submit: 'echo0001' },
    needsDelivery: true,
    async check(run, { runsOf }) {
      const numbers = run.items('Numbers').map(({ json }) => json.number);
      const runs = await runsOf('Number', numbers.length);
      const results = runs.flatMap((each) => each.items('Number'));
      expectSame(
        results.map(({ json }) => json.number),
        numbers,
        'the numbers',
      );
      return {
        items: results.length,
        summary:
          `${results.length} results in ${plural(runs.length, 'execution')}, ` +
          'none lost, none twice',
      };
    },
  },
  {
    file: 'durable-batch.json',
    ids: { sentim01: 'BASETEN_MODEL_SENTIMENT' },
    models: { Model: 'sentim01' },
    needsDelivery: true,
    check(run) {
      const rows = run.lastItems.map(({ json }) => json);
      expect(rows.length === 12, `12 rows were expected, ${rows.length} came`);
      expect(
        rows.every(({ key }, index) => key === index + 1),
        `the rows are not in the order of the reviews: ${rows.map(({ key }) => String(key)).join(', ')}`,
      );
      const failed = rows.find(({ status }) => status !== 'succeeded');
      expect(failed === undefined, `a row failed: ${String(failed?.error)}`);
      const labels = rows.map(({ output }) => ({ json: output as Record<string, unknown> }));
      return {
        items: rows.length,
        summary: `${rows.length} rows in order: ${list(count(labels, 'label'))}`,
      };
    },
  },
  {
    file: 'nightly-with-retries.json',
    ids: { flaky001: 'BASETEN_MODEL_NIGHTLY' },
    models: { Predict: 'flaky001' },
    async check(run, { run: runFrom, simulated }) {
      const texts = run.items('Rows').map(({ json }) => json.text);
      const nights: Run[] = [];
      const doneIn = (night: Run) => (night.timesRun('Done') > 0 ? night.items('Done') : []);
      const done = () => nights.flatMap(doneIn).map(({ json }) => json.text);
      while (nights.length < 5 && done().length < texts.length)
        nights.push(await runFrom('2 Every Night'));
      const failed = nights.find(({ error }) => error !== undefined);
      expect(failed === undefined, failed?.error ?? '');
      expectSame(done(), texts, 'the rows that are done');
      expect(!simulated || nights.length > 1, 'nothing failed in the first night');
      const [first] = nights;
      const later = first && first.timesRun('Failed') > 0 ? first.items('Failed').length : 0;
      return {
        items: texts.length,
        summary: `${texts.length} rows done in ${plural(nights.length, 'night')}, ${later} of them failed in the first`,
      };
    },
  },
  {
    file: 'chat-with-json.json',
    ids: { 'emulator/chat': 'BASETEN_MODEL_API' },
    models: { 'Read the Review': 'emulator/chat' },
    check(run) {
      const [item] = run.lastItems;
      const { product, stars, refund } = item?.json ?? {};
      const types = [typeof product, typeof stars, typeof refund].join(', ');
      expect(types === 'string, number, boolean', `the fields are ${types}`);
      return { items: 1, summary: `the answer as data: ${JSON.stringify(item?.json)}` };
    },
  },
  {
    file: 'extract-to-schema.json',
    ids: { 'emulator/chat': 'BASETEN_MODEL_API' },
    models: { Extract: 'emulator/chat' },
    check(run, { simulated }) {
      const rows = run.items('Rows').map(({ json }) => json);
      expect(rows.length === 500, `500 rows were expected, ${rows.length} came`);
      const wrong = rows.filter(
        ({ text, order }, index) =>
          order !== 1000 + index || !String(text).startsWith(`Order ${1000 + index}:`),
      );
      expect(wrong.length === 0, `${wrong.length} rows are wrong: ${JSON.stringify(wrong[0])}`);
      const total = Number(run.lastItems[0]?.json.sum_cost);
      const sum = rows.reduce((dollars, { cost }) => dollars + Number(cost), 0);
      expect(Math.abs(total - sum) < 1e-9, `the cost is ${total}, not ${sum}`);
      expect(!simulated || total > 0, 'the rows cost nothing');
      return { items: rows.length, summary: `500 rows in order for $${total.toFixed(4)}` };
    },
  },
  {
    file: 'describe-an-image.json',
    ids: { imagen01: 'BASETEN_MODEL_IMAGE', 'emulator/chat': 'BASETEN_MODEL_API' },
    models: { Draw: 'imagen01', Describe: 'emulator/chat' },
    check(run, { simulated }) {
      const content = String(run.lastItems[0]?.json.content);
      expect(
        !simulated || /image of type image\/png with \d+ bytes/.test(content),
        `the model said: ${content}`,
      );
      return { items: 1, summary: `the model said: ${content}` };
    },
  },
  {
    file: 'streaming-chat.json',
    ids: { 'emulator/chat': 'BASETEN_MODEL_API' },
    models: { Answer: 'emulator/chat' },
    calls: {
      path: '/webhook/baseten-streaming-chat/chat',
      bodies: [said('Tell me a long story about a lighthouse and its keeper.')],
    },
    check(run, { response }) {
      const content = String(run.lastItems[0]?.json.content);
      const chunks = (response?.text ?? '').split('\n').filter((line) => line.trim() !== '');
      const streamed = chunks.map((line) => JSON.parse(line) as { type: string; content?: string });
      const text = streamed
        .filter(({ type }) => type === 'item')
        .map((chunk) => chunk.content ?? '')
        .join('');
      expect(
        text === content,
        `streamed was ${JSON.stringify(text)}, the item holds ${JSON.stringify(content)}`,
      );
      const { firstMs, totalMs } = response ?? { firstMs: 0, totalMs: 0 };
      expect(
        streamed.length > 5 && firstMs < totalMs * 0.8,
        `the first piece came after ${firstMs} of ${totalMs} ms`,
      );
      return {
        items: 1,
        summary: `${streamed.length} pieces, the first after ${firstMs} ms of ${totalMs}`,
      };
    },
  },
  {
    file: 'agent-with-tool.json',
    ids: { 'emulator/chat': 'BASETEN_MODEL_API' },
    models: { 'Baseten Chat Model': 'emulator/chat' },
    check(run) {
      const output = String(run.lastItems[0]?.json.output);
      expect(output.includes('42'), `the agent said: ${output}`);
      expect(run.timesRun('Calculator') > 0, 'the calculator was not used');
      const calls = run.timesRun('Baseten Chat Model');
      expect(calls >= 2, `the model was called ${calls} times`);
      return { items: 1, summary: `${plural(calls, 'model call')}, then: ${output}` };
    },
  },
  {
    file: 'agent-with-memory.json',
    ids: { 'emulator/reasoner': 'BASETEN_MODEL_API' },
    models: { 'Baseten Chat Model': 'emulator/reasoner' },
    calls: {
      path: '/webhook/baseten-agent-with-memory/chat',
      bodies: [said('How many lamps are in stock?'), said('They cost 24 each. What is 17*24?')],
    },
    check(run, { simulated }) {
      const output = String(run.lastItems[0]?.json.output);
      expect(output.includes('408'), `the agent said: ${output}`);
      expect(run.timesRun('Calculator') > 0, 'the calculator was not used');
      const [remembered] = run.subNodeItems('Memory', 'ai_memory');
      const before = JSON.stringify(remembered?.json);
      expect(/in stock/.test(before) && /17 of/.test(before), `the memory held: ${before}`);
      const usage = run
        .subNodeItems('Baseten Chat Model', 'ai_languageModel')
        .map(({ json }) => json.tokenUsage as Record<string, number> | undefined);
      const cached = usage.reduce((sum, each) => sum + (each?.cachedTokens ?? 0), 0);
      const thought = usage.reduce((sum, each) => sum + (each?.reasoningTokens ?? 0), 0);
      expect(!simulated || cached > 0, 'no input was cached, though the session is the same');
      expect(!simulated || thought === 0, `${thought} tokens were thought, though that is off`);
      return { items: 1, summary: `it remembered, ${cached} tokens from the cache: ${output}` };
    },
  },
  {
    file: 'embed-and-retrieve.json',
    ids: { embedd01: 'BASETEN_MODEL_EMBEDDER' },
    models: { 'Embeddings Baseten': 'embedd01' },
    check(run) {
      const items = run.lastItems;
      const document = items[0]?.json.document as { pageContent?: string } | undefined;
      expect(items.length === 1, `1 document was expected, ${items.length} came`);
      expect(
        /^Bread dough/.test(document?.pageContent ?? ''),
        `found was: ${document?.pageContent}`,
      );
      return { items: 1, summary: `found: ${document?.pageContent}` };
    },
  },
  {
    file: 'ask-your-documents.json',
    ids: DOCUMENT_MODELS,
    models: {
      'Embeddings Baseten': 'embedd01',
      'Reranker Baseten': 'rerank01',
      Answer: 'emulator/chat',
    },
    check(run) {
      const { answer, sources } = (run.lastItems[0]?.json ?? {}) as {
        answer?: string;
        sources?: Array<{ source: string; score: number }>;
      };
      const [best, second] = sources ?? [];
      expect(sources?.length === 2, `2 sources were expected, ${sources?.length} came`);
      expect(best?.source === 'Handbook, page 7', `the best source was: ${best?.source}`);
      expect(
        (best?.score ?? NaN) >= (second?.score ?? NaN),
        `the scores were ${best?.score} and ${second?.score}`,
      );
      expect(/28 days/.test(answer ?? ''), `the answer was: ${answer}`);
      return { items: 1, summary: `answered from ${best?.source} and ${second?.source}` };
    },
  },
  {
    file: 'documents-with-reranker.json',
    ids: DOCUMENT_MODELS,
    models: {
      'Embeddings Baseten': 'embedd01',
      'Reranker Baseten': 'rerank01',
      'Baseten Chat Model': 'emulator/chat',
    },
    standIns: {
      Files: Object.keys(HANDBOOK).map((id) => ({ json: { id } })),
      Download: Object.entries(HANDBOOK).map(([id, text]) => ({
        json: { id },
        binary: {
          data: {
            data: Buffer.from(text).toString('base64'),
            mimeType: 'text/plain',
            fileName: id,
          },
        },
      })),
    },
    async check(_run, { call }) {
      const asked = said('Which documents say how many days of vacation an employee has a year?');
      const answered = await call('/webhook/baseten-documents-with-reranker/chat', asked);
      expect(answered.error === undefined, answered.error ?? '');
      const found = answered
        .subNodeItems('Reranker Baseten', 'ai_reranker')
        .map(({ json }) => JSON.stringify(json));
      expect(found.length > 0, 'the reranker was not asked');
      const output = String(answered.lastItems[0]?.json.output);
      expect(/28 days/.test(output), `the agent said: ${output}`);
      const others = Object.values(HANDBOOK).filter((text) => output.includes(text)).length;
      expect(others <= 3, `the agent was given ${others} documents`);
      return { items: 1, summary: 'the agent answered from the documents that the reranker chose' };
    },
  },
  {
    file: 'baseten-mcp-agent.json',
    ids: { 'emulator/chat': 'BASETEN_MODEL_API' },
    models: { 'Baseten Chat Model': 'emulator/chat' },
    calls: {
      path: '/webhook/baseten-mcp-agent/chat',
      bodies: [said('Which deployments do I have?')],
    },
    check(run, { simulated }) {
      const asked = run.timesRun('Baseten MCP');
      expect(asked > 0, 'the MCP server was not asked');
      const output = String(run.lastItems[0]?.json.output);
      expect(
        !simulated || /status\W+ACTIVE/.test(output),
        `the agent said: ${output.slice(0, 200)}`,
      );
      return { items: 1, summary: `${plural(asked, 'call')} of the MCP server, then an answer` };
    },
  },
  {
    file: 'alert-when-unhealthy.json',
    ids: {},
    check(run) {
      const [item] = run.lastItems;
      const { text, status } = item?.json ?? {};
      expect(typeof status === 'string', 'no message came');
      const first = String(text).split('\n')[0] ?? '';
      expect(first.includes(` is ${status}`), `the message is "${first}"`);
      return { items: run.lastItems.length, summary: `a message: ${first.split(': ')[0]}` };
    },
  },
  {
    file: 'budget-guard.json',
    ids: { sdxl0001: 'BASETEN_MODEL_BUDGET' },
    models: { Deployments: 'sdxl0001' },
    check(run) {
      const [passed] = run.items('Budget Passed');
      const before = run.items('Deployments');
      const stopped = run.lastItems;
      const inProduction = before.filter(({ json }) => json.is_production === true);
      expect(inProduction.length === 1, `${inProduction.length} deployments are in production`);
      expect(
        stopped.length === before.length - 1 &&
          count(stopped, 'status').INACTIVE === stopped.length,
        `of ${before.length} deployments ${stopped.length} were stopped: ${list(count(stopped, 'status'))}`,
      );
      return {
        items: stopped.length,
        summary: `${plural(stopped.length, 'deployment')} stopped, production goes on; spent: $${String(passed?.json.spent)}`,
      };
    },
  },
  {
    file: 'scale-around-a-batch.json',
    ids: { sentim01: 'BASETEN_MODEL_OPERATED' },
    models: { Environment: 'sentim01' },
    check(run) {
      const numbers = run.lastItems.map(({ json }) => json.number);
      const wanted = run.items('Items').map(({ json }) => json.number);
      expect(
        JSON.stringify(numbers) === JSON.stringify(wanted),
        'the results are not in the order of the items',
      );
      const replicas = run.items('Scale Up')[0]?.json.active_replica_count;
      const down = run.items('Scale Down');
      const { autoscaling_settings: settings } = (down[0]?.json.environment ?? {}) as {
        autoscaling_settings?: { min_replica: number };
      };
      expect(down.length === 1, `scaled down was ${down.length} times`);
      expect(settings?.min_replica === 0, `${settings?.min_replica} replicas stay`);
      return {
        items: numbers.length,
        summary: `${replicas} replicas for ${numbers.length} items, then none that stays`,
      };
    },
  },
  // After what scales by hand: in office hours its schedule wins over that.
  {
    file: 'office-hours.json',
    ids: { sentim01: 'BASETEN_MODEL_OPERATED' },
    models: { Environment: 'sentim01' },
    async check(run, { run: runFrom }) {
      const environment = run.items('Set Schedule')[0]?.json.environment as
        { autoscaling_schedules?: { schedules: Array<Record<string, unknown>> } } | undefined;
      const schedules = environment?.autoscaling_schedules?.schedules ?? [];
      const schedule = schedules.find(({ name }) => name === 'office-hours');
      expect(schedule !== undefined, `the environment has ${schedules.length} other schedules`);
      const again = await runFrom('Every 15 Minutes');
      expect(again.error === undefined, again.error ?? '');
      expect(again.timesRun('Set Schedule') === 0, 'the second run set the schedule again');
      const { start_hour: start, end_hour: end } = schedule;
      return { items: 1, summary: `a schedule from ${start} to ${end} h, which the next run left` };
    },
  },
  {
    file: 'promote-after-evaluation.json',
    ids: { sentim01: 'BASETEN_MODEL_OPERATED' },
    models: { Deployments: 'sentim01' },
    check(run, { simulated }) {
      const [item] = run.lastItems;
      const { outcome, text } = item?.json ?? {};
      expect(typeof text === 'string', 'there is no report');
      expect(!simulated || outcome === 'promoted', `the outcome was: ${text}`);
      return { items: 1, summary: String(text) };
    },
  },
];

/**
 * Reads an example's workflow, with what its nodes call chosen from their empty lists, and with
 * chats that need no login.
 * @param ids real IDs, by the simulated ones that they take the place of
 */
export function readExample(
  { file }: Pick<Example, 'file'>,
  ids: Record<string, string> = {},
): WorkflowJson {
  const workflow = readUnfilledExample({ file });
  const { models = {} } = findExample(file);
  for (const [name, simulated] of Object.entries(models)) {
    const node = workflow.nodes.find((each) => each.name === name);
    const locator = LOCATORS.map((key) => node?.parameters[key]).find(isEmptyLocator);
    expect(locator !== undefined, `the node "${name}" of ${file} has no list to choose from`);
    Object.assign(locator, { mode: 'id', value: ids[simulated] ?? simulated });
  }
  for (const { type, parameters } of workflow.nodes) {
    // The demo is on loopback, and asks without a login.
    if (type.endsWith('.chatTrigger'))
      Object.assign(parameters, { public: true, authentication: 'none' });
  }
  return workflow;
}

/** Reads an example's workflow as it is imported: with empty lists, which people choose from. */
export function readUnfilledExample({ file }: Pick<Example, 'file'>): WorkflowJson {
  const text = readFileSync(join(PROJECT, 'examples', file), 'utf8');
  const workflow = JSON.parse(text) as WorkflowJson;
  const { standIns = {} } = findExample(file);
  const nodes = workflow.nodes.map((node) => standIn(node, standIns[node.name]));
  return { ...workflow, nodes };
}

function findExample(file: string): Partial<Example> {
  return EXAMPLES.find((example) => example.file === file) ?? {};
}

/** @returns a node of the same name that gives the items; the node itself if there are none */
function standIn(
  { credentials, ...node }: WorkflowNode,
  items: 'passesOn' | object[] | undefined,
): WorkflowNode {
  if (items === undefined) return { ...node, credentials };
  if (items === 'passesOn')
    return { ...node, type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} };
  const jsCode = `return ${JSON.stringify(items)};`;
  return { ...node, type: 'n8n-nodes-base.code', typeVersion: 2, parameters: { jsCode } };
}

/** Parameters in which a person chooses what a node calls, the most important one first. */
const LOCATORS = ['modelId', 'chainId', 'model'];

function isEmptyLocator(value: unknown): value is { mode: string; value: string } {
  return isRecord(value) && value.__rl === true && value.value === '';
}

function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** What a chat page sends when somebody says this. */
function said(chatInput: string): object {
  return { action: 'sendMessage', sessionId: 'example', chatInput };
}

/** Each of the wanted values has to be there once, in any order. */
function expectSame(values: unknown[], wanted: unknown[], what: string): void {
  const sorted = (list: unknown[]) => JSON.stringify(list.map(String).sort());
  const unique = new Set(values).size;
  expect(
    sorted(values) === sorted(wanted),
    `${what}: ${wanted.length} were expected once each, ` +
      `${values.length} came, ${unique} of them different`,
  );
}

function count(items: RunItem[], key: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { json } of items) counts[String(json[key])] = (counts[String(json[key])] ?? 0) + 1;
  return counts;
}

function list(counts: Record<string, number>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return entries.map(([name, times]) => `${times} ${name}`).join(', ');
}

function brief({ json }: RunItem): string {
  const text = JSON.stringify(json);
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}

function plural(times: number, noun: string): string {
  return `${times} ${noun}${times === 1 ? '' : 's'}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A PNG begins with its signature and its size. */
function pngSize(bytes: Buffer): { width: number; height: number } | undefined {
  if (bytes.length < 24 || bytes.toString('latin1', 1, 4) !== 'PNG') return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

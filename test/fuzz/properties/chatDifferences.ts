import assert from 'node:assert/strict';

import { createParser } from 'eventsource-parser';
import fc from 'fast-check';

import { readAnswer, readStreamedAnswer } from '../../../nodes/shared/chat/answer';
import { readEvents } from '../../../nodes/shared/http/sse';
import { comparable, openAiStream, openAiWhole } from '../../support/openAiClient';
import { hostileText } from '../hostile';
import { cutInto, cuts } from '../pieces';
import { property } from '../property';

type Json = Record<string, unknown>;

const READING = { subject: 'model fuzz', apiKey: 'key-1234567890', onText: async () => {} };

const pieces = fc.array(hostileText, { maxLength: 4 });
const toolCalls = fc.array(
  fc.record({
    id: fc.uuid(),
    name: fc.constantFrom('add', 'get_weather', 'f'),
    pieces,
  }),
  { maxLength: 3 },
);
const choices = fc.array(
  fc.record({
    content: pieces,
    refusal: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, pieces),
    toolCalls,
    functionCall: fc.option(pieces, { freq: 5 }),
    logprobs: fc.option(fc.array(hostileText, { maxLength: 3 })),
    finishReason: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter'),
  }),
  { minLength: 1, maxLength: 2 },
);
const bodies = fc.record({
  choices,
  /** Which choice, and which call of it, comes next. */
  order: fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
  usage: fc.option(fc.record({ prompt_tokens: fc.nat(), total_tokens: fc.nat() })),
  fingerprint: fc.option(fc.constant('fp_1')),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  space: fc.constantFrom('', ' '),
  isPretty: fc.boolean(),
  noise: fc.constantFrom('', ': comment', 'id: 7', 'retry: 10', 'unknown: x', 'event: message'),
  isDone: fc.boolean(),
  cuts,
});
type Body = typeof bodies extends fc.Arbitrary<infer Value> ? Value : never;
type Choice = Body['choices'][number];

/** An answer as the API describes it is read as OpenAI's client and another parser read it. */
export const chatDifferences = property({
  name: 'chat answers beside the clients of others',
  share: 10,
  inputs: bodies,
  check: async (body) => {
    const text = streamOf(body);
    const parts = cutInto(Buffer.from(text), body.cuts);
    assert.deepEqual(await ourEvents(parts), otherEvents(text));
    const streamed = await readStreamedAnswer(inPieces(parts), READING);
    assert.deepEqual(comparable(streamed as Json), comparable(await openAiStream(text)));
    const completion = completionOf(body);
    const whole = JSON.stringify(completion, null, body.isPretty ? 2 : undefined);
    assert.deepEqual(await readAnswer(Buffer.from(whole), READING), await openAiWhole(whole));
    return 'accepted' as const;
  },
});

async function* inPieces(parts: Buffer[]) {
  yield* parts;
}

async function ourEvents(parts: Buffer[]) {
  const read = [];
  for await (const event of readEvents(inPieces(parts))) read.push(event);
  return read;
}

function otherEvents(text: string) {
  const read: Array<{ event: string; data: string }> = [];
  const parser = createParser({
    onEvent: ({ event, data }) => void read.push({ event: event ?? 'message', data }),
  });
  // It waits for what may follow a carriage return. To others this is one more blank line.
  parser.feed(`${text}\n`);
  return read;
}

const HEAD = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'm' };

/** The deltas of a choice: those of its text in order, those of its calls in any order. */
function deltasOf(choice: Choice, order: number[]): Json[] {
  const { content, refusal, functionCall } = choice;
  const [name, ...rest] = functionCall ?? [];
  const single =
    functionCall === null
      ? []
      : [
          { function_call: { name: 'f', arguments: name ?? '' } },
          ...rest.map((text) => ({ function_call: { arguments: text } })),
        ];
  const queues = callsOf(choice).map((call, index) => [
    { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } },
    ...call.pieces.map((text) => ({ index, function: { arguments: text } })),
  ]);
  return [
    { role: 'assistant', content: '', refusal: null },
    ...content.map((text) => ({ content: text })),
    ...refusal.map((text) => ({ refusal: text })),
    ...single,
    ...mixed(queues, order).map((call) => ({ tool_calls: [call] })),
  ];
}

/** A call of the older API stands alone. */
function callsOf({ toolCalls: calls, functionCall }: Choice): Choice['toolCalls'] {
  return functionCall === null ? calls : [];
}

/** Takes from the queues in the given order, until all are empty. */
function mixed<Entry>(queues: Entry[][], order: number[]): Entry[] {
  const entries: Entry[] = [];
  for (let turn = 0; queues.some((queue) => queue.length > 0); turn++) {
    const filled = queues.filter((queue) => queue.length > 0);
    const queue = filled[(order[turn % order.length] as number) % filled.length];
    entries.push(queue?.shift() as Entry);
  }
  return entries;
}

function chunksOf({ choices: all, order, usage, fingerprint }: Body): Json[] {
  const head = {
    ...HEAD,
    object: 'chat.completion.chunk',
    ...(fingerprint === null ? {} : { system_fingerprint: fingerprint }),
  };
  const queues = all.map((choice, index) => [
    ...deltasOf(choice, order).map((delta, at) => ({
      index,
      delta,
      logprobs: at === 1 && choice.logprobs ? logprobsOf(choice.logprobs) : null,
      finish_reason: null as string | null,
    })),
    { index, delta: {}, logprobs: null, finish_reason: choice.finishReason as string | null },
  ]);
  const chunks: Json[] = mixed(queues, order).map((choice) => ({ ...head, choices: [choice] }));
  return usage === null ? chunks : [...chunks, { ...head, choices: [], usage }];
}

const logprobsOf = (tokens: string[]) => ({
  content: tokens.map((token) => ({ token, logprob: -0.5, bytes: null, top_logprobs: [] })),
  refusal: null,
});

function streamOf(body: Body): string {
  const { lineEnd, space, isPretty, noise } = body;
  const event = (text: string) => {
    const data = text.split('\n').map((line) => `data:${space}${line}`);
    return [...(noise === '' ? [] : [noise]), ...data, '', ''].join(lineEnd);
  };
  const texts = chunksOf(body).map((chunk) =>
    JSON.stringify(chunk, null, isPretty ? 2 : undefined),
  );
  return [...texts, ...(body.isDone ? ['[DONE]'] : [])].map(event).join('');
}

function completionOf({ choices: all, usage }: Body): Json {
  return {
    ...HEAD,
    object: 'chat.completion',
    choices: all.map((choice, index) => ({
      index,
      message: {
        role: 'assistant',
        content: choice.content.join(''),
        refusal: choice.refusal.join('') || null,
        tool_calls: callsOf(choice).map(({ id, name, pieces: texts }) => ({
          id,
          type: 'function',
          function: { name, arguments: texts.join('') },
        })),
      },
      logprobs: choice.logprobs && logprobsOf(choice.logprobs),
      finish_reason: choice.finishReason,
    })),
    ...(usage && { usage }),
  };
}

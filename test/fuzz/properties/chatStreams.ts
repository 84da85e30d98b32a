import assert from 'node:assert/strict';

import fc from 'fast-check';

import { readStreamedAnswer } from '../../../nodes/shared/chat/answer';
import { simplify } from '../../../nodes/shared/chat/completion';
import type { ChatCompletion } from '../../../nodes/shared/chat/types';
import { BasetenError } from '../../../nodes/shared/errors/basetenError';
import { hostileText } from '../hostile';
import { cutInto, cuts, type Cuts } from '../pieces';
import { property } from '../property';

type Delta = Record<string, unknown>;

/** A call that the model makes, and where its arguments are cut. */
interface Call {
  name: string;
  input: Record<string, unknown>;
  cuts: number[];
}

/** How a server tells tool calls apart, and how it gives their arguments. */
interface Habit {
  ids: 'once' | 'emptied' | 'repeated' | 'missing' | 'new each time';
  index: 'own' | 'zero' | 'missing' | 'huge';
  names: 'once' | 'repeated' | 'emptied' | 'pieces';
  input: 'pieces' | 'object' | 'twice' | 'after an empty piece';
}

/** Text that no rule takes for a tag. */
const plain = hostileText.map((text) => text.replaceAll('<', '{'));
const calls = fc.array(
  fc.record({
    name: fc.constantFrom('add', 'get_weather', 'f', 'add_more'),
    input: fc.dictionary(fc.constantFrom('a', 'b', '__proto__', '"'), fc.oneof(plain, fc.nat()), {
      maxKeys: 3,
    }),
    cuts: fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
  }),
  { maxLength: 4 },
);
const habits: fc.Arbitrary<Habit> = fc
  .record({
    ids: fc.constantFrom<Array<Habit['ids']>>(
      'once',
      'emptied',
      'repeated',
      'missing',
      'new each time',
    ),
    index: fc.constantFrom<Array<Habit['index']>>('own', 'zero', 'missing', 'huge'),
    names: fc.constantFrom<Array<Habit['names']>>('once', 'repeated', 'emptied', 'pieces'),
    input: fc.constantFrom<Array<Habit['input']>>(
      'pieces',
      'object',
      'twice',
      'after an empty piece',
    ),
  })
  // A new ID with a name each time can't be told from a new call.
  .filter(({ ids, names }) => ids !== 'new each time' || !['repeated', 'pieces'].includes(names))
  // Nothing says that a name is a piece if there is neither an ID nor an index.
  .filter(
    ({ ids, index, names }) => names !== 'pieces' || ids !== 'missing' || index !== 'missing',
  );

/** What a server sends between events. They say nothing. */
const IDLE = [
  '',
  ': ping\n\n',
  'data: : keepalive\n\n',
  'data: null\n\n',
  'data: [PING]\n\n',
  'event: ping\ndata: x\n\n',
];

const answers = fc.record({
  content: fc.array(plain, { maxLength: 4 }),
  reasoning: fc.array(plain, { maxLength: 2 }),
  form: fc.constantFrom('text', 'parts', 'many parts', 'one part', 'older API'),
  reasoningForm: fc.constantFrom('reasoning_content', 'reasoning', 'details', 'thinking part'),
  calls,
  habit: habits,
  idle: fc.constantFrom(...IDLE),
  lineBreaks: fc.constantFrom('\n\n', '\n', '\r\n\r\n', '\r\n'),
  isDone: fc.boolean(),
  cuts,
  /** Where the stream breaks off, as a share of its bytes. */
  end: fc.option(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { freq: 2 }),
});
type Answer = typeof answers extends fc.Arbitrary<infer Value> ? Value : never;

/** An answer of the chat API comes out whole, whatever its server's habits, or as an error. */
export const chatStreams = property({
  name: 'chat streams put together',
  share: 37,
  inputs: answers,
  check: async (answer) => {
    const bytes = bytesOf(answer);
    const end = answer.end === null ? bytes.length : Math.floor(answer.end * bytes.length);
    const content = answer.content.join('');
    const reasoning = answer.reasoning.join('');
    const isTrimmed = answer.reasoningForm === 'thinking part';
    let completion: ChatCompletion;
    let text = '';
    try {
      completion = await read(bytes.subarray(0, end), answer.cuts, (piece) => (text += piece));
    } catch (error) {
      assert.ok(answer.end !== null, `A whole answer failed: ${String(error)}`);
      assert.ok(error instanceof BasetenError, `It is no BasetenError: ${String(error)}`);
      const received = error.received as { content: string; reasoning: string } | undefined;
      assert.ok(content.startsWith(received?.content ?? ''));
      const thought = isTrimmed ? reasoning.trimStart() : reasoning;
      assert.ok(thought.startsWith(received?.reasoning ?? ''));
      assert.ok(content.startsWith(text));
      return 'refused';
    }
    const simple = simplify(completion, false, 'model fuzz');
    assert.equal(simple.content, content);
    assert.equal(text, content);
    const shown = isTrimmed ? reasoning.trim() : reasoning.trim() === '' ? '' : reasoning;
    assert.equal(simple.reasoning, shown);
    const called = simple.toolCalls.map(({ name, arguments: input }) => ({ name, input }));
    const expected = answer.calls.map(({ name, input }) => ({ name, input }));
    assert.deepEqual(JSON.parse(JSON.stringify(called)), JSON.parse(JSON.stringify(expected)));
    const ids = simple.toolCalls.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(!ids.includes(''));
    return 'accepted';
  },
});

const pieces = fc.record(
  {
    content: fc.oneof(
      plain,
      fc.constant(null),
      fc.array(fc.record({ type: fc.constant('text'), text: plain }), { maxLength: 2 }),
    ),
    tool_calls: fc.array(
      fc.record(
        {
          index: fc.oneof(fc.nat({ max: 2 }), fc.constantFrom(-1, 1e9, 0.5, '0', null, 'x')),
          id: fc.constantFrom('', 'a', 'b', 'c', null, 7),
          function: fc.record(
            {
              name: fc.constantFrom('', 'f', 'g', null),
              arguments: fc.oneof(plain, fc.constant('{}')),
            },
            { requiredKeys: [] },
          ),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
);
const wild = fc.record({ deltas: fc.array(pieces, { maxLength: 8 }), cuts });

/** Whatever the deltas are, each character of text and arguments comes out. */
export const chatOddities = property({
  name: 'chat streams of odd deltas',
  share: 10,
  inputs: wild,
  check: async ({ deltas, cuts: places }) => {
    const all = [...deltas, {}].map((delta, at) => chunkOf(delta, at === deltas.length));
    const body = Buffer.from(all.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''));
    const completion = await read(body, places, () => {});
    const message = completion.choices[0]?.message ?? {};
    const written = deltas.flatMap(({ tool_calls: list }) => list ?? []);
    assert.equal(
      length((message.tool_calls ?? []).map((call) => call.function?.arguments)),
      length(written.map((call) => call.function?.arguments)),
    );
    const texts = (value: unknown) =>
      Array.isArray(value) ? value.map((part: { text: string }) => part.text) : [value];
    assert.equal(
      texts(message.content)
        .filter((text) => typeof text === 'string')
        .join(''),
      deltas
        .flatMap(({ content }) => texts(content))
        .filter((text) => typeof text === 'string')
        .join(''),
    );
    try {
      simplify(completion, false, 'model fuzz');
      return 'accepted';
    } catch (error) {
      assert.ok(error instanceof BasetenError, `It is no BasetenError: ${String(error)}`);
      return 'refused';
    }
  },
});

function length(texts: Array<string | null | undefined>): number {
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

async function read(
  bytes: Buffer,
  places: Cuts,
  onText: (text: string) => void,
): Promise<ChatCompletion> {
  async function* body() {
    yield* cutInto(bytes, places);
  }
  return await readStreamedAnswer(body(), {
    subject: 'model fuzz',
    apiKey: 'key-1234567890',
    onText: async (text) => onText(text),
  });
}

function bytesOf(answer: Answer): Buffer {
  const deltas = [...reasoningDeltas(answer), ...contentDeltas(answer), ...callDeltas(answer)];
  const chunks = [{ role: 'assistant', content: '' }, ...deltas, {}].map((delta, at, all) =>
    chunkOf(delta, at === all.length - 1),
  );
  // An event that is parted by one line break must be JSON, so that it stands alone.
  const isSingle = !/^(\r?\n){2}$/.test(answer.lineBreaks);
  const idle = isSingle && answer.idle.startsWith('data: :') ? '' : answer.idle;
  const texts = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}${answer.lineBreaks}${idle}`);
  return Buffer.from(texts.join('') + (answer.isDone ? 'data: [DONE]\n\n' : ''));
}

function chunkOf(delta: Delta, isLast: boolean): object {
  const said = 'text' in delta ? delta : { delta };
  return { id: 'x', choices: [{ index: 0, ...said, finish_reason: isLast ? 'stop' : null }] };
}

function reasoningDeltas({ reasoning, reasoningForm }: Answer): Delta[] {
  return reasoning.map((text) => {
    if (reasoningForm === 'details')
      return { reasoning_details: [{ type: 'reasoning.text', text, index: 0 }] };
    if (reasoningForm === 'thinking part')
      return { content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] };
    return { [reasoningForm]: text };
  });
}

function contentDeltas({ content, form }: Answer): Delta[] {
  return content.map((text) => {
    if (form === 'text') return { content: text };
    if (form === 'older API') return { text };
    const part = { type: 'text', text };
    const half = text.length >> 1;
    const halves = [text.slice(0, half), text.slice(half)].map((each) => ({ ...part, text: each }));
    return { content: form === 'many parts' ? halves : form === 'parts' ? [part] : part };
  });
}

function callDeltas({ calls: all, habit }: Answer): Delta[] {
  return all.flatMap((call, at) =>
    functionsOf(call, habit).map((called, piece) => ({
      tool_calls: [{ ...keysOf(habit, at, piece), function: called }],
    })),
  );
}

/** What each delta of a call has of its name and arguments. */
function functionsOf(call: Call, habit: Habit): Delta[] {
  const { name } = call;
  const inputs = inputsOf(call, habit);
  if (habit.names !== 'pieces' || name.length < 2)
    return inputs.map((input, piece) => functionOf(call, habit, piece, input));
  const half = name.length >> 1;
  const names = [name.slice(0, half), name.slice(half)].map((text) => ({ name: text }));
  return [...names, ...inputs.map((input) => ({ arguments: input }))];
}

function inputsOf({ input, cuts: places }: Call, habit: Habit): unknown[] {
  const text = JSON.stringify(input);
  if (habit.input === 'object') return [input];
  const whole = habit.input === 'twice' ? JSON.stringify(text) : text;
  const ends = [...new Set(places.map((place) => place % whole.length))].sort((a, b) => a - b);
  const parts = [0, ...ends].map((start, at) => whole.slice(start, ends[at] ?? whole.length));
  const filled = parts.filter((part) => part !== '');
  return habit.input === 'after an empty piece' ? ['', ...filled] : filled;
}

function keysOf({ ids, index }: Habit, at: number, piece: number): Delta {
  const id = ids === 'new each time' ? `id${at}-${piece}` : `id${at}`;
  const isGiven = ids !== 'missing' && (piece === 0 || !['once', 'emptied'].includes(ids));
  return {
    ...(isGiven ? { id } : ids === 'emptied' ? { id: '' } : {}),
    ...(index === 'missing' ? {} : { index: { own: at, zero: 0, huge: 1e9 + at }[index] }),
  };
}

function functionOf({ name }: Call, { names }: Habit, piece: number, input: unknown): Delta {
  if (piece === 0 || names === 'repeated') return { name, arguments: input };
  return names === 'emptied' ? { name: '', arguments: input } : { arguments: input };
}

type Json = Record<string, unknown>;

/** An answer as the API describes it, in the bytes that a server sends. */
export interface WellFormedAnswer {
  name: string;
  /** As server-sent events. */
  stream: string;
  /** As one JSON text. */
  whole: string;
  /** What the model says. */
  content: string;
  /** What it thought, if the server gives that in a field. */
  reasoning: string;
  /** The name and the arguments of each call. */
  calls: Array<[name: string, input: object]>;
}

const HEAD = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'm' };
const USAGE = { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 };

const call = (index: number, id: string, input: string) => ({
  index,
  id,
  type: 'function',
  function: { name: 'Calculator', arguments: input },
});
const piece = (index: number, input: string) => ({ index, function: { arguments: input } });

interface Given {
  name: string;
  deltas: Json[];
  message: Json;
  finishReason?: string;
}

function answer({ name, deltas, message, finishReason = 'stop' }: Given): WellFormedAnswer {
  const chunk = (choices: Json[], more: Json = {}) => ({
    ...HEAD,
    object: 'chat.completion.chunk',
    choices,
    ...more,
  });
  const chunks = [
    ...deltas.map((delta) => chunk([{ index: 0, delta, logprobs: null, finish_reason: null }])),
    chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: finishReason }]),
    chunk([], { usage: USAGE }),
  ];
  const texts = [...chunks.map((each) => JSON.stringify(each)), '[DONE]'];
  const whole = {
    ...HEAD,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', refusal: null, ...message },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage: USAGE,
  };
  const made = (message.tool_calls ?? []) as Array<ReturnType<typeof call>>;
  return {
    name,
    stream: texts.map((text) => `data: ${text}\n\n`).join(''),
    whole: JSON.stringify(whole),
    content: String(message.content ?? ''),
    reasoning: String(message.reasoning_content ?? message.reasoning ?? ''),
    calls: made.map(({ function: called }) => [
      called.name,
      JSON.parse(called.arguments) as object,
    ]),
  };
}

const withoutIndex = ({ index: _, ...rest }: ReturnType<typeof call>) => rest;
const FIRST = call(0, 'call_a', '{"input":"6*7"}');
const SECOND = call(1, 'call_b', '{"input":"2+3"}');

/** Answers that all clients must read alike. */
export const WELL_FORMED: WellFormedAnswer[] = [
  answer({
    name: 'a text',
    deltas: [{ role: 'assistant', content: '' }, { content: 'Hel' }, { content: 'lo.' }],
    message: { content: 'Hello.' },
  }),
  answer({
    name: 'a text of many bytes a character',
    deltas: [{ role: 'assistant', content: 'Grüße, ' }, { content: '世界 ' }, { content: '🦊' }],
    message: { content: 'Grüße, 世界 🦊' },
  }),
  answer({
    name: 'a text that was cut at the limit of tokens',
    deltas: [{ role: 'assistant', content: 'Hel' }],
    message: { content: 'Hel' },
    finishReason: 'length',
  }),
  ...['reasoning_content', 'reasoning'].map((field) =>
    answer({
      name: `a text behind ${field}`,
      deltas: [
        { role: 'assistant', content: '' },
        { [field]: 'A greet' },
        { [field]: 'ing.' },
        { content: 'Hello.' },
      ],
      message: { content: 'Hello.', [field]: 'A greeting.' },
    }),
  ),
  answer({
    name: 'a call',
    deltas: [
      { role: 'assistant', content: null },
      { tool_calls: [call(0, 'call_a', '')] },
      { tool_calls: [piece(0, '{"inp')] },
      { tool_calls: [piece(0, 'ut":"6*7"}')] },
    ],
    message: { content: null, tool_calls: [withoutIndex(FIRST)] },
    finishReason: 'tool_calls',
  }),
  answer({
    name: 'a call beside a text',
    deltas: [{ role: 'assistant', content: 'I work it out.' }, { tool_calls: [FIRST] }],
    message: { content: 'I work it out.', tool_calls: [withoutIndex(FIRST)] },
    finishReason: 'tool_calls',
  }),
  answer({
    name: 'calls side by side, whose pieces alternate',
    deltas: [
      { role: 'assistant', content: null },
      { tool_calls: [call(0, 'call_a', '{"input"')] },
      { tool_calls: [call(1, 'call_b', '{"input"')] },
      { tool_calls: [piece(0, ':"6*7"}')] },
      { tool_calls: [piece(1, ':"2+3"}')] },
    ],
    message: { content: null, tool_calls: [FIRST, SECOND].map(withoutIndex) },
    finishReason: 'tool_calls',
  }),
];

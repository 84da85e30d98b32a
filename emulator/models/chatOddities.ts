import { type ModelResponse, isObject, json } from './model';

/** A message of a completion, or a delta of one. */
type ChatMessagePart = Record<string, unknown>;

/** An answer, before it is sent. */
interface ChatAnswer {
  /** Everything but the choices. */
  completion: object;
  /** The chunks of the stream. */
  chunks: object[];
  /** Whether the request asks for a stream. */
  isStreamed: boolean;
}

/** What a server does in its own way. */
export interface ChatOddity {
  /** Changes a message, and each delta of a stream. */
  each?(message: ChatMessagePart): ChatMessagePart;
  /** Changes the message of an answer that is not streamed. */
  message?(message: ChatMessagePart): ChatMessagePart;
  /** Changes the deltas of a stream. */
  deltas?(deltas: ChatMessagePart[]): ChatMessagePart[];
  /** Why it stopped. */
  finishReason?: string;
  /** Writes the chunks of a stream. */
  write?(chunks: object[]): string;
  /** Responds in another way. */
  respond?(answer: ChatAnswer): ModelResponse;
}

type Call = Record<string, unknown> & { function: { name?: string; arguments: string } };

const THOUGHT = ['The user ', 'writes.'];
const ERROR = { error: { message: 'Simulated: too many requests', code: 429 } };
const PAGE = '<!doctype html><html><head><title>Simulated gateway</title></head></html>';

const isNotStreamed: ChatOddity['respond'] = ({ completion }) => json(completion);
const isStream: ChatOddity['respond'] = ({ chunks }) => eventStream(asEvents(chunks));

/**
 * What OpenAI-compatible servers other than Baseten's were seen to do. The name of the model
 * chooses one: `odd/one-line-break`. Of streams:
 * - `one-line-break`: parts events by one line break instead of two.
 * - `keep-alive-data`: sends comments and null as data.
 * - `json-lines`: sends lines of JSON instead of events.
 * - `no-type`: gives no content type.
 * - `message-at-end`: sends the whole message at the end.
 * - `stream-always`, `stream-never`: does so whatever it is asked for.
 *
 * Of tool calls:
 * - `id-emptied`: repeats the ID as an empty text.
 * - `index-zero`: gives all calls the index 0, and the ID with each piece.
 * - `no-index`, `no-id`: leaves it out.
 * - `arguments-object`: gives arguments as an object.
 * - `arguments-twice`: encodes arguments twice.
 * - `arguments-blank`: gives blank text as arguments.
 * - `name-in-pieces`: gives the name of a call in two pieces.
 * - `call-alone`: gives one call instead of a list.
 * - `function-call`: gives the call in the field of the older API.
 *
 * Of content:
 * - `closing-tag`: gives reasoning with the closing tag alone.
 * - `parts`: gives content in parts.
 * - `thinking-parts`: gives reasoning as a part of the content.
 * - `reasoning-details`: gives reasoning as a list.
 * - `fenced`: puts the answer into a block of code on one line.
 * - `refusal`: refuses to answer.
 * - `filtered`: withholds the answer by a content filter.
 *
 * Instead of an answer:
 * - `error-200`: an error of code 429, with the status 200.
 * - `page`: a web page.
 */
const ODDITIES: Record<string, ChatOddity> = {
  'one-line-break': { write: (chunks) => `${asEvents(chunks, '\n')}\n` },
  'keep-alive-data': {
    write: (chunks) => asEvents(chunks, '\n\ndata: : keepalive\n\ndata: null\n\n'),
  },
  'json-lines': {
    write: (chunks) => chunks.map((chunk) => `${JSON.stringify(chunk)}\n`).join(''),
  },
  'no-type': {
    respond: ({ isStreamed, chunks, completion }) => ({
      body: isStreamed ? asEvents(chunks) : JSON.stringify(completion),
    }),
  },
  'message-at-end': {
    respond: ({ isStreamed, chunks, completion }) =>
      isStreamed ? eventStream(asEvents([...chunks, completion])) : json(completion),
  },
  'stream-always': { respond: isStream },
  'stream-never': { respond: isNotStreamed },

  'id-emptied': { each: eachCall((call) => ({ ...call, id: call.id ?? '' })) },
  'index-zero': {
    deltas: (deltas) => {
      const ids = new Map<unknown, unknown>();
      return deltas.map(
        eachCall((call) => {
          if (call.id !== undefined) ids.set(call.index, call.id);
          return { ...call, id: ids.get(call.index), index: 0 };
        }),
      );
    },
  },
  'no-index': { each: eachCall((call) => ({ ...call, index: undefined })) },
  'no-id': { each: eachCall((call) => ({ ...call, id: undefined })) },
  'arguments-object': { deltas: wholeCalls, each: eachCall(withArguments(JSON.parse)) },
  'arguments-twice': { deltas: wholeCalls, each: eachCall(withArguments(JSON.stringify)) },
  'arguments-blank': {
    each: eachCall((call) => ({
      ...withArguments(() => ' ')(call),
      // An ID that does not say which arguments must come back.
      ...(call.id !== undefined && { id: `${String(call.id)}-blank` }),
    })),
  },
  'name-in-pieces': {
    deltas: (deltas) =>
      deltas.flatMap((delta) => {
        const [call] = Array.isArray(delta.tool_calls) ? (delta.tool_calls as Call[]) : [];
        const name = call?.function.name;
        if (!call || name === undefined) return [delta];
        const half = name.length >> 1;
        const first = { ...call, function: { name: name.slice(0, half), arguments: '' } };
        const rest = { index: call.index, function: { name: name.slice(half) } };
        return [{ tool_calls: [first] }, { tool_calls: [rest] }];
      }),
  },
  'call-alone': {
    each: ({ tool_calls: calls, ...rest }) =>
      Array.isArray(calls) ? { ...rest, tool_calls: calls[0] as unknown } : rest,
  },
  'function-call': {
    each: ({ tool_calls: calls, ...rest }) =>
      Array.isArray(calls) ? { ...rest, function_call: (calls[0] as Call).function } : rest,
  },

  'closing-tag': {
    message: withContent((text) => `${THOUGHT.join('')}\n</think>\n\n${text}`),
    deltas: (deltas) => [
      ...THOUGHT.map((content) => ({ content })),
      { content: '\n</thi' },
      { content: 'nk>\n\n' },
      ...deltas,
    ],
  },
  parts: { each: withContent((text) => [textPart(text)]) },
  'thinking-parts': {
    message: withContent((text) => [thinkingPart(THOUGHT.join('')), textPart(text)]),
    deltas: (deltas) => [
      ...THOUGHT.map((text) => ({ content: [thinkingPart(text)] })),
      ...deltas.map(withContent((text) => [textPart(text)])),
    ],
  },
  'reasoning-details': {
    message: (message) => ({ ...message, ...details(THOUGHT.join('')) }),
    deltas: (deltas) => [...THOUGHT.map(details), ...deltas],
  },
  fenced: {
    message: withContent((text) => `\`\`\`json ${String(text)} \`\`\``),
    deltas: (deltas) => [{ content: '```json ' }, ...deltas, { content: ' ```' }],
  },
  refusal: {
    message: (message) => ({ ...message, content: null, refusal: 'I will not answer.' }),
    deltas: () => [{ refusal: 'I will ' }, { refusal: 'not answer.' }],
  },
  filtered: {
    message: withContent(() => ''),
    deltas: () => [],
    finishReason: 'content_filter',
  },

  'error-200': {
    respond: ({ isStreamed }) => (isStreamed ? eventStream(asEvents([ERROR])) : json(ERROR)),
  },
  page: { respond: () => ({ headers: { 'content-type': 'text/html' }, body: PAGE }) },
};

/** What a model does in its own way. @param model its name, such as `odd/parts` */
export function chatOddity(model: string): ChatOddity | undefined {
  const name = Object.keys(ODDITIES).find((oddity) => model === `odd/${oddity}`);
  return name === undefined ? undefined : ODDITIES[name];
}

/** Chunks as server-sent events, with the mark at their end. */
export function asEvents(chunks: object[], end = '\n\n'): string {
  const data = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'];
  return data.map((text) => `data: ${text}${end}`).join('');
}

/** A response that is a stream of events. */
export const eventStream = (body: ModelResponse['body']): ModelResponse => ({
  headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  body,
});

/** Changes the tool calls of a message or a delta. */
function eachCall(change: (call: Call) => Record<string, unknown>) {
  return (message: ChatMessagePart): ChatMessagePart =>
    Array.isArray(message.tool_calls)
      ? { ...message, tool_calls: message.tool_calls.map((call) => change(call as Call)) }
      : message;
}

/** Changes the arguments of a call. */
function withArguments(change: (text: string) => unknown) {
  return (call: Call) => ({
    ...call,
    function: { ...call.function, arguments: change(call.function.arguments) },
  });
}

/** Puts the pieces of each tool call into one delta. */
function wholeCalls(deltas: ChatMessagePart[]): ChatMessagePart[] {
  const whole = new Map<unknown, Call>();
  for (const { tool_calls: pieces } of deltas) {
    for (const piece of Array.isArray(pieces) ? (pieces as Call[]) : []) {
      const call = whole.get(piece.index);
      if (call) call.function.arguments += piece.function.arguments;
      else whole.set(piece.index, structuredClone(piece));
    }
  }
  const others = deltas.filter((delta) => !('tool_calls' in delta));
  return [...others, ...[...whole.values()].map((call) => ({ tool_calls: [call] }))];
}

/** Changes the content of a message or a delta, if it has one. */
function withContent(change: (text: unknown) => unknown) {
  return (message: ChatMessagePart): ChatMessagePart =>
    isObject(message) && typeof message.content === 'string'
      ? { ...message, content: change(message.content) }
      : message;
}

const textPart = (text: unknown) => ({ type: 'text', text });
const thinkingPart = (text: string) => ({ type: 'thinking', thinking: [textPart(text)] });
const details = (text: string) => ({
  reasoning_details: [{ type: 'reasoning.text', text, index: 0 }],
});

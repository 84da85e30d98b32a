import { type Emulator, MODEL_API_SLUGS, startEmulator } from '../../emulator';

interface Message extends Record<string, unknown> {
  role: string;
  tool_calls?: Array<{ id: string; type: string; function: { name: string; arguments: string } }>;
  reasoning_content?: string;
}

const tools = [
  {
    type: 'function',
    function: {
      name: 'calculator',
      parameters: { type: 'object', properties: { input: { type: 'string' } } },
    },
  },
];
const asked = { role: 'user', content: 'Work out 6*7 and 2+3 then 10-4' };

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(async () => await emulator.close());

/** Sends a conversation to the model that needs its reasoning back. */
async function complete(messages: object[]) {
  const response = await fetch(`${emulator.modelApiUrl}/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${emulator.apiKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model: MODEL_API_SLUGS.agentReasoner, messages, tools }),
  });
  const json = (await response.json()) as {
    error?: string;
    choices?: Array<{ message: Message }>;
  };
  return { status: response.status, error: json.error, message: json.choices?.[0]?.message };
}

/** The first answer: two calls, with the reasoning that led to them. */
async function firstAnswer(): Promise<Required<Message>> {
  const { message } = await complete([asked]);
  expect(message?.tool_calls).toHaveLength(2);
  expect(message?.reasoning_content).toMatch(/pretend to think/);
  return message as Required<Message>;
}

const resultOf = ({ id }: { id: string }) => ({ role: 'tool', tool_call_id: id, content: '1' });

test('a conversation that comes back as it was goes on with the next step', async () => {
  const answer = await firstAnswer();
  const { status, message } = await complete([asked, answer, ...answer.tool_calls.map(resultOf)]);
  expect(status).toBe(200);
  expect(message?.tool_calls?.map((call) => call.function.arguments)).toStrictEqual([
    '{"input":"10-4"}',
  ]);
});

test.each<[string, (answer: Required<Message>) => object[], RegExp]>([
  [
    'without the reasoning',
    ({ reasoning_content: _, ...answer }) => [answer, ...answer.tool_calls.map(resultOf)],
    /the reasoning of the call .* did not come back/,
  ],
  [
    'with other arguments',
    (answer) => {
      const [first, ...others] = answer.tool_calls;
      const changed = { ...first!, function: { ...first!.function, arguments: '{"input":"1"}' } };
      return [{ ...answer, tool_calls: [changed, ...others] }, ...answer.tool_calls.map(resultOf)];
    },
    /did not have these arguments/,
  ],
  [
    'in two messages',
    (answer) =>
      answer.tool_calls.flatMap((call) => [{ ...answer, tool_calls: [call] }, resultOf(call)]),
    /calls of one answer came back in two messages/,
  ],
  [
    'without a result',
    (answer) => [answer, resultOf(answer.tool_calls[0]!)],
    /have no result after them/,
  ],
  [
    'with the result of another call',
    (answer) => [answer, ...answer.tool_calls.map(resultOf), resultOf({ id: 'x' })],
    /no call before it has the ID "x"/,
  ],
  [
    'with one ID for both',
    (answer) => {
      const [first] = answer.tool_calls;
      return [{ ...answer, tool_calls: [first, first] }, resultOf(first!)];
    },
    /two calls have the same ID/,
  ],
  [
    'with arguments that are no JSON',
    (answer) => {
      const [first] = answer.tool_calls;
      const broken = { ...first!, function: { ...first!.function, arguments: '' } };
      return [{ ...answer, tool_calls: [broken] }, resultOf(first!)];
    },
    /are not a JSON object/,
  ],
])('calls that come back %s are refused', async (_name, change, message) => {
  const { status, error } = await complete([asked, ...change(await firstAnswer())]);
  expect([status, error]).toStrictEqual([400, expect.stringMatching(message)]);
});

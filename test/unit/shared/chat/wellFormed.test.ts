import { readAnswer, readStreamedAnswer } from '../../../../nodes/shared/chat/answer';
import { simplify } from '../../../../nodes/shared/chat/completion';
import type { ChatCompletion } from '../../../../nodes/shared/chat/types';
import { comparable, openAiStream, openAiWhole } from '../../../support/openAiClient';
import { WELL_FORMED, type WellFormedAnswer } from '../../../support/wellFormedAnswers';

type Json = Record<string, unknown>;

const READING = { subject: 'Model API m', apiKey: 'key-1234567890', onText: async () => {} };
const CASES = WELL_FORMED.map((answer): [string, WellFormedAnswer] => [answer.name, answer]);

async function readPieces(pieces: Uint8Array[]): Promise<ChatCompletion> {
  async function* body() {
    yield* pieces;
  }
  return await readStreamedAnswer(body(), READING);
}

function expectParts(completion: ChatCompletion, { content, reasoning, calls }: WellFormedAnswer) {
  const simple = simplify(completion, false, READING.subject);
  expect([simple.content, simple.reasoning]).toStrictEqual([content, reasoning]);
  const made = simple.toolCalls.map(({ name, arguments: input }) => [name, input]);
  expect(made).toStrictEqual(calls);
}

test.each(CASES)('OpenAI’s client reads the same in one piece: %s', async (_name, answer) => {
  const ours = await readAnswer(Buffer.from(answer.whole), READING);
  expect(comparable(ours as unknown as Json)).toStrictEqual(
    comparable(await openAiWhole(answer.whole)),
  );
  expectParts(ours, answer);
});

test.each(CASES)('OpenAI’s client reads the same, however it is cut: %s', async (_name, answer) => {
  const theirs = comparable(await openAiStream(answer.stream));
  const bytes = Buffer.from(answer.stream);
  const ways = [...bytes.keys()].map((at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  for (const pieces of [[...bytes].map((byte) => Uint8Array.of(byte)), ...ways]) {
    const ours = await readPieces(pieces);
    expect(comparable(ours as unknown as Json)).toStrictEqual(theirs);
    expectParts(ours, answer);
  }
});

import { readStreamedAnswer } from '../../../../nodes/shared/chat/answer';
import { ThinkingHabits } from '../../../../nodes/shared/chat/thinkingHabits';

const event = (delta: object, reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
const textOf = (text: string) => event({ content: text }) + event({}, 'stop') + 'data: [DONE]\n\n';

async function* inPieces(body: string, at: number) {
  yield Buffer.from(body.slice(0, at));
  yield Buffer.from(body.slice(at));
}

/** Reads a stream of one model. @returns what is passed on */
async function passedOn(habits: ThinkingHabits, body: string, at = 1): Promise<string> {
  let passed = '';
  const onText = async (text: string) => void (passed += text);
  const habit = habits.of('m');
  await readStreamedAnswer(inPieces(body, at), { subject: 'm', apiKey: 'k-12345', onText, habit });
  return passed;
}

const THINKS = event({ content: 'Let me ' }) + textOf('see.\n</think>\n\nHi.');

test('a stream that only closes its thinking shows nothing of it once the model is known for that', async () => {
  for (let at = 0; at <= THINKS.length; at++) {
    const habits = new ThinkingHabits();
    habits.of('m').learn('Before.</think>An answer.', 'stop');
    expect(await passedOn(habits, THINKS, at)).toBe('Hi.');
  }
});

test('a model is known after its first answer, and no longer after one without thinking', async () => {
  const habits = new ThinkingHabits();
  await passedOn(habits, THINKS);
  expect(await passedOn(habits, THINKS)).toBe('Hi.');
  expect(await passedOn(habits, textOf('No thoughts.'))).toBe('No thoughts.');
  expect(habits.of('m').beginsInside).toBe(false);
});

test.each([
  ['opens it, too', textOf('<think>x</think>Hi.'), 'Hi.'],
  ['has it in a field', event({ reasoning_content: 'x' }) + textOf('Hi.'), 'Hi.'],
  ['mentions the tag', textOf('The tag `</think>` ends it.'), 'The tag `</think>` ends it.'],
])('a known model that %s loses nothing', async (_name, body, expected) => {
  const habits = new ThinkingHabits();
  habits.of('m').learn('Before.</think>An answer.', 'stop');
  expect(await passedOn(habits, body)).toBe(expected);
});

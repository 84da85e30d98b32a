import { json } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, chat, echo } from '../support/parameters';

const emulator = useEmulator();
const ITEMS = 10;
const items = Array.from({ length: ITEMS }, (_, n) => ({ json: { n } }));

/** Milliseconds from the first request to the last one. */
async function spreadOf(parameters: ReturnType<typeof chat>): Promise<number> {
  await runBaseten({ credential: credentialFor(emulator()), parameters, items });
  const times = emulator().requests.map(({ receivedAt }) => receivedAt);
  expect(times).toHaveLength(ITEMS);
  return Math.max(...times) - Math.min(...times);
}

/** A chat of 100 tokens as the node guesses it, and the tokens that it then costs. */
function chatOf(tokens: number, options: Record<string, number>) {
  emulator().addModel({
    id: 'tokens01',
    name: 'Tokens',
    handler: () => json({}),
    server: () =>
      json({
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }],
        usage: { total_tokens: tokens },
      }),
  });
  return chat({
    source: 'deployment',
    modelId: byId('tokens01'),
    model: byId('m'),
    prompt: 'word '.repeat(80),
    options,
  });
}

/** The first request may arrive late, as it opens the connection: so the spread is shorter. */
const PART = 1 / 2;

test('Requests per Minute lets a run send one request after the other', async () => {
  expect(await spreadOf(echo({ options: { requestsPerMinute: 600 } }))).toBeGreaterThan(
    (ITEMS - 1) * 100 * PART,
  );
});

test('Tokens per Minute holds requests back by the length of their texts', async () => {
  expect(await spreadOf(chatOf(100, { tokensPerMinute: 60_000 }))).toBeGreaterThan(
    (ITEMS - 1) * 100 * PART,
  );
});

test('Tokens per Minute counts what the responses say that a request cost', async () => {
  const spread = await spreadOf(chatOf(300, { tokensPerMinute: 60_000, maxConcurrency: 1 }));
  expect(spread).toBeGreaterThan((ITEMS - 1) * 300 * PART);
});

import { NodeHelpers } from 'n8n-workflow';

import { kindNotices } from '../../../../nodes/shared/parameters/kindNotices';

/** What the form shows for a model that the list gave this name. */
function shownFor(cachedResultName?: string): string[] {
  const modelId = { __rl: true, mode: 'list', value: 'abcd1234', cachedResultName };
  return kindNotices('embeddings')
    .filter((notice) => NodeHelpers.displayParameter({ modelId }, notice, null, null))
    .map(({ displayName }) => displayName);
}

test('a model of another kind is shown its operation', () => {
  expect(shownFor('Llama · awake · language model (abcd1234)')).toStrictEqual([
    expect.stringContaining('Chat → Message a Model'),
  ]);
  expect(shownFor('Whisper · speech to text (abcd1234)')).toStrictEqual([
    expect.stringContaining('Audio → Transcribe'),
  ]);
});

test.each([
  'BGE · awake · embeddings (abcd1234)',
  'Llama · awake (abcd1234)',
  'My language model (abcd1234)',
  'A · language model · awake (abcd1234)',
  '',
  undefined,
])('%j needs no other operation', (name) => {
  expect(shownFor(name)).toStrictEqual([]);
});

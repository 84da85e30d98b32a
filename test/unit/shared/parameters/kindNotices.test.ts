import { NodeHelpers } from 'n8n-workflow';

import { kindNotices } from '../../../../nodes/shared/parameters/kindNotices';

const [kind, ...notices] = kindNotices('embeddings');
const PATTERN = new RegExp(/match\(\/(.*?)\/\)/.exec(String(kind?.default))?.[1] ?? '');

/** What the form shows for a model that the list gave this name. */
function shownFor(cachedResultName: string): string[] {
  const modelKind = PATTERN.exec(cachedResultName)?.[1] ?? '';
  return notices
    .filter((notice) => NodeHelpers.displayParameter({ modelKind }, notice, null, null))
    .map(({ displayName }) => displayName);
}

test('a model of another kind is shown its operation', () => {
  expect(shownFor('Llama · awake · language model (abcd1234)')).toStrictEqual([
    expect.stringContaining('Chat → Complete'),
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
])('%j needs no other operation', (name) => {
  expect(shownFor(name)).toStrictEqual([]);
});

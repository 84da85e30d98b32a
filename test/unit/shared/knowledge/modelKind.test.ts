import { kindOf } from '../../../../nodes/shared/knowledge/modelKind';

const user = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] });
const AUDIO = { type: 'audio_url', audio_url: { url: 'https://example.com/a.wav' } };
const TEXT = { type: 'text', text: 'What is said?' };

test.each<[string, unknown, string[], string | undefined]>([
  ['messages', { messages: [{ role: 'user', content: 'Hi' }] }, [], 'language model'],
  ['no messages yet', { messages: [] }, [], 'language model'],
  ['a recording beside a question', user(TEXT, AUDIO), [], 'language model'],
  ['a recording alone', user(AUDIO), [], 'speech to text'],
  ['messages of a guard', { messages: [] }, ['guard-model'], undefined],
  ['an embedding', { input: 'a', encoding_format: 'float' }, [], 'embeddings'],
  ['a query and texts', { query: 'a', texts: ['b'] }, [], 'reranker'],
  ['inputs and scores', { inputs: ['a'], raw_scores: true }, [], 'classifier'],
  ['a whisper input', { whisper_input: {} }, [], 'speech to text'],
  ['a link to audio', { url: 'https://example.com/a.mp3?x=1' }, [], 'speech to text'],
  ['a link to an image', { url: 'https://example.com/a.jpg' }, [], undefined],
  ['a ComfyUI workflow', { workflow_values: {} }, [], 'images'],
  ['a prompt with steps', { prompt: 'a', num_inference_steps: 4 }, [], 'images'],
  ['a prompt with a voice', { prompt: 'a', voice: 'b' }, [], 'text to speech'],
  ['a text with a voice', { text: 'a', voice: 'b' }, [], 'text to speech'],
  ['a prompt alone', { prompt: 'a' }, [], undefined],
  ['a prompt with a tag', { prompt: 'a' }, ['gpu', 'image-generation'], 'images'],
  ['a tag alone', undefined, ['speech-recognition'], 'speech to text'],
  ['a tag named like one of Object’s own', undefined, ['constructor'], undefined],
  ['a list', [{ prompt: 'a', width: 1 }], [], undefined],
  ['nothing', undefined, [], undefined],
])('%s', (_, example, tags, kind) => {
  expect(kindOf({ example, tags })).toBe(kind);
});

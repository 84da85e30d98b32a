import { MODEL_IDS } from '../workspace/ids';
import type { ModelMetadata } from '../workspace/registry';

/** The bytes of a WAV file without a sound. */
const SILENCE = Buffer.concat([
  Buffer.from('RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1'),
  Buffer.from([0xc0, 0x5d, 0, 0, 0x80, 0xbb, 0, 0, 2, 0, 16, 0]),
  Buffer.from('data\0\0\0\0', 'latin1'),
]);

/** What the configurations of the simulated models say. Each example is a right input. */
export const METADATA: Record<string, ModelMetadata> = {
  [MODEL_IDS.sentiment]: { example_model_input: { text: 'Great value, we love it.' } },
  [MODEL_IDS.image]: {
    example_model_input: { prompt: 'A red fox in the snow', width: 256, height: 256 },
    tags: ['image-generation'],
  },
  [MODEL_IDS.transcriber]: {
    example_model_input: { audio: `data:audio/wav;base64,${SILENCE.toString('base64')}` },
    tags: ['speech-recognition'],
  },
  // A field of each type.
  [MODEL_IDS.echo]: {
    example_model_input: {
      message: 'Hello there',
      times: 3,
      loud: false,
      words: ['red', 'fox'],
      options: { seed: 42 },
      stream: true,
    },
  },
  [MODEL_IDS.llm]: {
    example_model_input: {
      model: 'baseten',
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
      max_tokens: 100,
      temperature: 0.5,
      stream: true,
    },
    tags: ['openai-compatible'],
  },
  [MODEL_IDS.embedder]: {
    example_model_input: { input: 'A text', model: 'model', encoding_format: 'float' },
  },
  [MODEL_IDS.reranker]: {
    example_model_input: { inputs: [['A text'], ['Another one']], raw_scores: true },
  },
};

import type { OwnerDefinition } from '../workspace/registry';
import { MODEL_IDS } from '../workspace/ids';
import { comfyUi, flux, sdxl } from './imageModels';
import {
  chatTranscriber,
  chatTranscriberServer,
  fasterWhisper,
  libraryWhisper,
  openAiTranscriber,
  openAiTranscriberServer,
  parakeet,
  whisperX,
} from './speechToText';
import { kokoro, orpheus, xtts } from './textToSpeech';

const LINK = 'https://example.com/talk.mp3';

/**
 * Models that take and give speech and images, one for each shape that public templates have. Each
 * refuses every other shape, and says what it takes by its example.
 */
export const MEDIA_OWNERS: OwnerDefinition[] = [
  {
    id: MODEL_IDS.libraryWhisper,
    name: 'Simulated Whisper of the library',
    handler: libraryWhisper,
    metadata: {
      example_model_input: { whisper_input: { audio: { url: LINK }, whisper_params: {} } },
    },
  },
  {
    id: MODEL_IDS.fasterWhisper,
    name: 'Simulated faster-whisper',
    handler: fasterWhisper,
    metadata: { example_model_input: { url: LINK }, tags: ['speech-recognition'] },
  },
  {
    id: MODEL_IDS.parakeet,
    name: 'Simulated Parakeet',
    handler: parakeet,
    metadata: { example_model_input: { audio_url: LINK, timestamps: false } },
  },
  {
    id: MODEL_IDS.whisperX,
    name: 'Simulated WhisperX',
    handler: whisperX,
    metadata: { example_model_input: { audio_file: LINK } },
  },
  {
    id: MODEL_IDS.openAiTranscriber,
    name: 'Simulated vLLM audio server',
    handler: openAiTranscriber,
    server: openAiTranscriberServer,
    predictEndpoint: '/v1/audio/transcriptions',
    metadata: { tags: ['openai-compatible'] },
  },
  {
    id: MODEL_IDS.chatTranscriber,
    name: 'Simulated Qwen3-ASR',
    handler: chatTranscriber,
    server: chatTranscriberServer,
    predictEndpoint: '/v1/chat/completions',
    metadata: {
      example_model_input: {
        stream: false,
        messages: [{ role: 'user', content: [{ type: 'audio_url', audio_url: { url: LINK } }] }],
      },
      tags: ['openai-compatible'],
    },
  },
  {
    id: MODEL_IDS.kokoro,
    name: 'Simulated Kokoro',
    handler: kokoro,
    metadata: { example_model_input: { text: 'Hello, I am Kokoro.', voice: 'af', speed: 1 } },
  },
  {
    id: MODEL_IDS.xtts,
    name: 'Simulated XTTS',
    handler: xtts,
    metadata: {
      example_model_input: { text: 'Hello.', speaker_voice: 'Claribel Dervla', language: 'en' },
      tags: ['text-to-speech'],
    },
  },
  {
    id: MODEL_IDS.orpheus,
    name: 'Simulated Orpheus',
    handler: orpheus,
    metadata: { example_model_input: { prompt: 'Hello.', voice: 'tara', max_tokens: 10_000 } },
  },
  {
    id: MODEL_IDS.flux,
    name: 'Simulated FLUX',
    handler: flux,
    metadata: { example_model_input: { prompt: 'a cake that says "FLUX"' } },
  },
  {
    id: MODEL_IDS.sdxl,
    name: 'Simulated Stable Diffusion XL',
    handler: sdxl,
    metadata: {
      example_model_input: { prompt: 'A tree in a field under the night sky', use_refiner: true },
      tags: ['image-generation'],
    },
  },
  {
    id: MODEL_IDS.comfyUi,
    name: 'Simulated ComfyUI',
    handler: comfyUi,
    metadata: {
      example_model_input: {
        workflow_values: { positive_prompt: 'An igloo on a snowy day', negative_prompt: 'blurry' },
      },
    },
  },
];

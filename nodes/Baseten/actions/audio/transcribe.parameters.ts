import type { INodeProperties } from 'n8n-workflow';

import { TRANSCRIPTION_FORMATS } from '../../../shared/formats/transcription';
import { addressing } from '../../../shared/parameters/addressing';
import { optionsCollection } from '../../../shared/parameters/options';
import { EXTRA_INPUT, MEDIA_TIMEOUT } from '../media/parameters';
import { requestFormatParameter } from '../media/requestFormat';
import { ASYNC_OPTIONS } from '../media/runAsync';

const SOURCE: INodeProperties[] = [
  {
    displayName: 'Audio Source',
    name: 'audioSource',
    type: 'options',
    default: 'binary',
    description: 'Where the recording comes from',
    options: [
      { name: 'Binary File', value: 'binary', description: 'A file of the incoming item' },
      {
        name: 'URL',
        value: 'url',
        description: 'A link that Baseten can reach; for recordings over 75 MB',
      },
    ],
  },
  {
    displayName: 'Input Binary Field',
    name: 'binaryPropertyName',
    type: 'string',
    default: 'data',
    required: true,
    hint: 'The name of the input binary field containing the recording',
    displayOptions: { show: { audioSource: ['binary'] } },
  },
  {
    displayName: 'Audio URL',
    name: 'audioUrl',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. https://example.com/talk.mp3',
    description: 'Link to the recording',
    displayOptions: { show: { audioSource: ['url'] } },
  },
];

const OPTIONS: INodeProperties[] = [
  ...ASYNC_OPTIONS,
  EXTRA_INPUT,
  {
    displayName: 'Language',
    name: 'language',
    type: 'string',
    default: '',
    placeholder: 'e.g. en',
    description: 'The language that is spoken. Without it most models find out by themselves.',
  },
  {
    displayName: 'Prompt',
    name: 'prompt',
    type: 'string',
    default: '',
    placeholder: 'e.g. Baseten, n8n, Truss',
    description: 'Names and words that the model should expect',
  },
  {
    displayName: 'Served Model Name',
    name: 'modelName',
    type: 'string',
    default: '',
    placeholder: 'e.g. openai/whisper-large-v3',
    description:
      'Name under which the deployment’s own server serves the model, for the formats OpenAI and Chat with Audio. If it is empty, the server is asked.',
  },
  {
    displayName: 'Subtitles',
    name: 'subtitles',
    type: 'options',
    default: 'none',
    description: 'A file with subtitles in the binary field "subtitles", named like the recording',
    options: [
      { name: 'None', value: 'none' },
      { name: 'SubRip (SRT)', value: 'srt' },
      { name: 'WebVTT (VTT)', value: 'vtt' },
    ],
  },
];

/** The parameters of Transcribe. */
export const transcribeParameters: INodeProperties[] = [
  ...addressing('model'),
  ...SOURCE,
  requestFormatParameter(TRANSCRIPTION_FORMATS),
  {
    displayName: 'Simplify',
    name: 'simplify',
    type: 'boolean',
    default: true,
    description: 'Whether to return a simplified version of the response instead of the raw data',
  },
  optionsCollection(OPTIONS, { timeout: MEDIA_TIMEOUT }),
];

import type { INodeProperties } from 'n8n-workflow';

import { toText } from '../../../shared/embeddings';
import { withExtra } from '../../../shared/formats/format';
import type { SpeechReading } from '../../../shared/formats/results';
import { SPEECH_FORMATS } from '../../../shared/formats/speech';
import { addressing, readOwner, readTarget } from '../../../shared/parameters/addressing';
import { optionsCollection, readNumber, readWholeNumber } from '../../../shared/parameters/options';
import { EXTRA_INPUT, MEDIA_TIMEOUT, readExtraInput, readTextOption } from '../media/parameters';
import { chooseFormat, requestFormatParameter } from '../media/requestFormat';
import { ASYNC_OPTIONS, checkRunsNow, runAsync, runNow, type MediaAsk } from '../media/runAsync';
import type { ItemCall, ItemOperation } from '../operation';
import { FILE_NAME, readFileName } from '../parameters/output';

/** Hertz of the samples that models give without a header. */
const SAMPLE_RATE = 24_000;

const OPTIONS: INodeProperties[] = [
  ...ASYNC_OPTIONS,
  EXTRA_INPUT,
  {
    ...FILE_NAME,
    placeholder: 'e.g. greeting.wav',
    description: 'Name of the file. Its ending follows the type of the audio.',
  },
  {
    displayName: 'Language',
    name: 'language',
    type: 'string',
    default: '',
    placeholder: 'e.g. en',
    description: 'The language of the text, for models that speak several',
  },
  {
    displayName: 'Sample Rate',
    name: 'sampleRate',
    type: 'number',
    typeOptions: { minValue: 1000, maxValue: 384_000, numberPrecision: 0 },
    default: SAMPLE_RATE,
    description:
      'Samples a second, for models that give bare samples (PCM) and don’t say how many. The node makes a WAV file of them.',
  },
  {
    displayName: 'Speed',
    name: 'speed',
    type: 'number',
    typeOptions: { minValue: 0.1, maxValue: 10, numberPrecision: 2 },
    default: 1,
    description: 'How fast the voice speaks, from 0.1 to 10; 1 is its own speed',
  },
  {
    displayName: 'Voice',
    name: 'voice',
    type: 'string',
    default: '',
    placeholder: 'e.g. af_bella',
    description: 'Name of the voice, as the model knows it',
  },
];

/**
 * Turns a text into speech, with any model that does so.
 * @see https://docs.baseten.co/examples/overview
 */
export const generateSpeech: ItemOperation = {
  name: 'Generate Speech',
  value: 'generateSpeech',
  action: 'Generate speech',
  callsDeployment: true,
  description: 'Turn a text into a file with speech, using a text-to-speech model',
  timeout: MEDIA_TIMEOUT,
  properties: [
    ...addressing('model'),
    {
      displayName: 'Text',
      name: 'text',
      type: 'string',
      typeOptions: { rows: 3 },
      required: true,
      default: '',
      placeholder: 'e.g. {{ $json.text }}',
      description: 'The text to speak',
    },
    requestFormatParameter(SPEECH_FORMATS),
    optionsCollection(OPTIONS, { timeout: MEDIA_TIMEOUT }),
  ],
  async execute(call) {
    checkRunsNow(call);
    return await runNow(call, await read(call));
  },
  async executeRun(run) {
    return await runAsync(run, this, read);
  },
};

async function read(call: ItemCall): Promise<MediaAsk> {
  const { context, itemIndex, options } = call;
  const owner = readOwner(context, 'model', itemIndex);
  const target = readTarget(context, itemIndex);
  const ask = readAsk(call);
  const reading = readReading(call);
  const { format, example } = await chooseFormat(call, SPEECH_FORMATS, 'textVoice');
  const request = withExtra(format.request(ask, example), readExtraInput(options.own));
  return { owner, target, format, requests: [request], reading };
}

function readAsk({ context, itemIndex, options: { own } }: ItemCall) {
  return {
    text: toText(context.getNodeParameter('text', itemIndex, ''), 'Text'),
    voice: readTextOption(own, 'voice'),
    language: readTextOption(own, 'language'),
    speed: readNumber(own, { name: 'speed', label: 'Speed', range: [0.1, 10] }),
  };
}

function readReading({ options: { own } }: ItemCall): SpeechReading {
  return {
    kind: 'speech',
    sampleRate: readWholeNumber(own, {
      name: 'sampleRate',
      label: 'Sample Rate',
      range: [1000, 384_000],
      fallback: SAMPLE_RATE,
    }),
    fileName: readFileName(own.fileName) ?? 'speech',
  };
}

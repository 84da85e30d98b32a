import type { INodeProperties } from 'n8n-workflow';

import { IMAGE_FORMATS } from '../../../shared/formats/image';
import { addressing } from '../../../shared/parameters/addressing';
import { optionsCollection } from '../../../shared/parameters/options';
import { EXTRA_INPUT, MEDIA_TIMEOUT } from '../media/parameters';
import { requestFormatParameter } from '../media/requestFormat';
import { ASYNC_OPTIONS } from '../media/runAsync';
import { FILE_NAME } from '../parameters/output';

/** The most requests that one item becomes. */
export const MOST_IMAGES = 100;
/** Pixels. */
export const LARGEST_SIDE = 16_384;
/** The largest whole number that models take, with room for one seed an image. */
export const LARGEST_SEED = 2 ** 53 - 1 - MOST_IMAGES;

const OPTIONS: INodeProperties[] = [
  ...ASYNC_OPTIONS,
  EXTRA_INPUT,
  {
    ...FILE_NAME,
    description:
      'Name of the file. Without it the file is called like the first words of the prompt. Several images of the same name get -1, -2 and so on before the ending.',
  },
  {
    displayName: 'Height',
    name: 'height',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: LARGEST_SIDE, numberPrecision: 0 },
    default: 1024,
    description: 'Height of the image in pixels',
  },
  {
    displayName: 'Negative Prompt',
    name: 'negativePrompt',
    type: 'string',
    default: '',
    placeholder: 'e.g. blurry, text',
    description: 'What the image should not show, for models that take it',
  },
  {
    displayName: 'Seed',
    name: 'seed',
    type: 'number',
    typeOptions: { minValue: 0, numberPrecision: 0 },
    default: 0,
    description:
      'With the same seed and prompt a model makes the same image. Several images get this seed, the next one and so on.',
  },
  {
    displayName: 'Steps',
    name: 'steps',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
    default: 30,
    description: 'How often the model refines the image: more steps take longer',
  },
  {
    displayName: 'Width',
    name: 'width',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: LARGEST_SIDE, numberPrecision: 0 },
    default: 1024,
    description: 'Width of the image in pixels',
  },
];

/** The parameters of Generate. */
export const generateParameters: INodeProperties[] = [
  ...addressing('model'),
  {
    displayName: 'Prompt',
    name: 'prompt',
    type: 'string',
    typeOptions: { rows: 3 },
    required: true,
    default: '',
    placeholder: 'e.g. a red fox in the snow',
    description: 'What the image should show',
  },
  {
    displayName: 'Number of Images',
    name: 'numberOfImages',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: MOST_IMAGES, numberPrecision: 0 },
    default: 1,
    description:
      'How many requests to send, side by side. A model that answers with several images gives all of them.',
  },
  requestFormatParameter(IMAGE_FORMATS),
  optionsCollection(OPTIONS, { timeout: MEDIA_TIMEOUT }),
];

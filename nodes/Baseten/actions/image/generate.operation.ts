import { toText } from '../../../shared/embeddings';
import { UserInputError } from '../../../shared/errors/userInputError';
import { withExtra } from '../../../shared/formats/format';
import { IMAGE_FORMATS, type ImageAsk, type ImageFormat } from '../../../shared/formats/image';
import type { ImageReading } from '../../../shared/formats/results';
import { readOwner, readTarget } from '../../../shared/parameters/addressing';
import { readWholeNumber } from '../../../shared/parameters/options';
import { MEDIA_TIMEOUT, readExtraInput, readTextOption } from '../media/parameters';
import { chooseFormat } from '../media/requestFormat';
import { checkRunsNow, runAsync, runNow, type MediaAsk } from '../media/runAsync';
import type { ItemCall, ItemOperation } from '../operation';
import { readFileName } from '../parameters/output';
import { nameFromPrompt, withDifferentNames } from '../../../shared/formats/imageNames';
import { generateParameters, LARGEST_SEED, LARGEST_SIDE, MOST_IMAGES } from './generate.parameters';

/** What the form calls what can be asked for. */
const LABELS: Record<keyof ImageAsk, string> = {
  prompt: 'Prompt',
  negativePrompt: 'Negative Prompt',
  width: 'Width',
  height: 'Height',
  steps: 'Steps',
  seed: 'Seed',
};

/**
 * Makes images of a prompt, with any model that does so: an item an image.
 * @see https://docs.baseten.co/examples/overview
 */
export const generate: ItemOperation = {
  name: 'Generate',
  value: 'generate',
  action: 'Generate an image',
  callsDeployment: true,
  description: 'Make images from a prompt, one item for each image, using an image model',
  timeout: MEDIA_TIMEOUT,
  properties: generateParameters,
  async execute(call) {
    checkRunsNow(call);
    return await runNow(call, await read(call));
  },
  async executeRun(run) {
    return await runAsync(run, this, read);
  },
  finish: withDifferentNames,
};

async function read(call: ItemCall): Promise<MediaAsk> {
  const { context, itemIndex } = call;
  const owner = readOwner(context, 'model', itemIndex);
  const ask = readAsk(call);
  const count = readCount(call);
  const reading: ImageReading = {
    kind: 'images',
    fileName: readFileName(call.options.own.fileName) ?? nameFromPrompt(ask.prompt),
  };
  const { format, example } = await chooseFormat(call, IMAGE_FORMATS, 'flux');
  refuseUnsent(ask, format);
  const extra = readExtraInput(call.options.own);
  const requests = Array.from({ length: count }, (_, index) =>
    withExtra(format.request(withSeed(ask, index), example), extra, format.root),
  );
  return { owner, target: readTarget(context, itemIndex), format, requests, reading };
}

/** Without a seed the model chooses one for each image. */
function withSeed(ask: ImageAsk, index: number): ImageAsk {
  return ask.seed === undefined ? ask : { ...ask, seed: ask.seed + index };
}

function readAsk({ context, itemIndex, options: { own } }: ItemCall): ImageAsk {
  const whole = (name: 'width' | 'height' | 'steps' | 'seed', range: [number, number]) =>
    readWholeNumber(own, { name, label: LABELS[name], range });
  return {
    prompt: toText(context.getNodeParameter('prompt', itemIndex, ''), LABELS.prompt),
    negativePrompt: readTextOption(own, 'negativePrompt'),
    width: whole('width', [1, LARGEST_SIDE]),
    height: whole('height', [1, LARGEST_SIDE]),
    steps: whole('steps', [1, 1000]),
    seed: whole('seed', [0, LARGEST_SEED]),
  };
}

function readCount({ context, itemIndex }: ItemCall): number {
  const numberOfImages: unknown = context.getNodeParameter('numberOfImages', itemIndex, 1);
  return readWholeNumber(
    { numberOfImages },
    { name: 'numberOfImages', label: 'Number of Images', range: [1, MOST_IMAGES], fallback: 1 },
  );
}

/** @throws {UserInputError} if something is set that requests of this format don't have */
function refuseUnsent(ask: ImageAsk, { name, takes }: ImageFormat): void {
  if (!takes) return;
  const unsent = (Object.keys(LABELS) as Array<keyof ImageAsk>).filter(
    (each) => ask[each] !== undefined && !takes.includes(each),
  );
  if (unsent.length === 0) return;
  throw new UserInputError(
    `Requests of the format ${name} have no ${unsent.map((each) => LABELS[each]).join(', ')}`,
    'Remove it, choose another Request Format, or write it into Extra Input as the model calls it.',
  );
}

// Decisions: docs/decisions.md, "Speech and images have one shape".

import { isRecord } from '../json';
import { findFiles } from '../payload/embeddedFiles';
import { mediaTypeOf } from '../payload/fileSignatures';
import { restOf, waysTo } from './rest';
import { namedFields, type Answer, type Example, type FieldNames, type Format } from './format';

/** What a person asks for. What is not set is not sent. */
export interface ImageAsk {
  prompt: string;
  negativePrompt?: string;
  /** Pixels. */
  width?: number;
  height?: number;
  steps?: number;
  seed?: number;
}

/** How an image model takes a prompt. */
export interface ImageFormat extends Format {
  /** What it can be asked for; everything by default. */
  takes?: ReadonlyArray<keyof ImageAsk>;
  request(ask: ImageAsk, example?: Example): Record<string, unknown>;
}

const NAMES: FieldNames<keyof ImageAsk> = {
  prompt: ['prompt'],
  negativePrompt: ['negative_prompt'],
  width: ['width'],
  height: ['height'],
  steps: ['num_inference_steps', 'steps', 'num_steps'],
  seed: ['seed'],
};
const WORKFLOW_NAMES: FieldNames<keyof ImageAsk> = {
  ...NAMES,
  prompt: ['positive_prompt', 'prompt', 'positive'],
  negativePrompt: ['negative_prompt', 'negative'],
  steps: ['steps', 'num_inference_steps'],
};

/**
 * Every format. The first one whose `fits` takes a model's example is used.
 * @see https://docs.baseten.co/examples/overview
 */
export const IMAGE_FORMATS: ImageFormat[] = [
  {
    value: 'comfyUi',
    name: 'ComfyUI',
    description: '{"workflow_values": {…}}: the values of a workflow',
    fits: (example) => 'workflow_values' in example,
    root: 'workflow_values',
    request: (ask, example = {}) => {
      const values = isRecord(example.workflow_values) ? example.workflow_values : {};
      return { workflow_values: namedFields({ ...ask }, WORKFLOW_NAMES, values) };
    },
  },
  {
    value: 'sdxl',
    name: 'SDXL',
    description: '{"prompt", "negative_prompt", "num_inference_steps", "seed"}',
    fits: (example) => 'use_refiner' in example || 'negative_prompt' in example,
    request: (ask, example) => namedFields({ ...ask }, NAMES, example),
  },
  {
    value: 'flux',
    name: 'FLUX',
    description: '{"prompt", "width", "height", "num_inference_steps", "seed"}',
    fits: (example) => 'prompt' in example,
    request: (ask, example) => namedFields({ ...ask }, NAMES, example),
  },
  {
    value: 'prompt',
    name: 'Prompt Only',
    description: '{"prompt"}, and what Extra Input adds',
    fits: () => false,
    takes: ['prompt'],
    request: ({ prompt }) => ({ prompt }),
  },
];

/** An image that a model gave, and what else its answer says. */
export interface Image {
  content: Buffer;
  type: string;
  /** The answer without images, or the entry of a list that had this one. */
  rest: Record<string, unknown>;
}

const SHOWN = /^(?:image|video)\//;
/** Names of types that say nothing. */
const UNKNOWN = /^(?:(?:application|binary)\/octet-stream\b.*)?$/;

/**
 * Finds the images in an answer: bytes, or base64 in JSON.
 * @returns them in the order of the answer; none if there is none
 */
export function readImages(answer: Answer): Image[] {
  if ('content' in answer) {
    const { content } = answer;
    // Many servers call every file a stream of bytes.
    const type = SHOWN.test(answer.type) ? answer.type : (mediaTypeOf(content) ?? answer.type);
    const isImage = SHOWN.test(type) || UNKNOWN.test(type);
    return content.length > 0 && isImage ? [{ content, type, rest: {} }] : [];
  }
  const files = findFiles({ json: answer.json }).filter(({ type }) => SHOWN.test(type));
  const ways = waysTo(files.map(({ place }) => place));
  return files.map(({ content, type, place }) => ({ content, type, rest: restOf(place, ways) }));
}

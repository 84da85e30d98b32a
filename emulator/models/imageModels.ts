import { drawPng } from './image';
import { type Handler, inputObject, isObject, json, modelError } from './model';

const SIDE = 64;

const refused = (wanted: string) => modelError(422, `The input has to be ${wanted}.`);

/** A picture of a prompt and a seed, as base64. */
function picture(prompt: string, seed: unknown, sides: Record<string, unknown> = {}): string {
  const side = (value: unknown) => (typeof value === 'number' ? Math.min(value, 1024) : SIDE);
  const drawn = seed === undefined ? prompt : `${prompt} #${String(seed)}`;
  return drawPng(drawn, side(sides.width), side(sides.height)).toString('base64');
}

/** FLUX: `{prompt, width?, height?, num_inference_steps?, seed?}` → `{data: base64}`. */
export const flux: Handler = (call) => {
  const { prompt, seed, num_inference_steps: steps, ...sides } = inputObject(call);
  const isNumber = steps === undefined || Number.isInteger(steps);
  if (typeof prompt !== 'string' || !isNumber || 'steps' in sides)
    return refused('{"prompt", "width", "height", "num_inference_steps", "seed"}');
  return json({ data: picture(prompt, seed, sides), seed: seed ?? null });
};

/** Stable Diffusion XL: `{prompt, negative_prompt?, num_inference_steps?, seed?}` → a list. */
export const sdxl: Handler = (call) => {
  const { prompt, seed, negative_prompt: negative } = inputObject(call);
  if (typeof prompt !== 'string' || !['string', 'undefined'].includes(typeof negative))
    return refused('{"prompt", "negative_prompt"}');
  const data = [picture(prompt, seed), picture(`${prompt}, again`, seed)];
  return json({ status: 'success', data, time: 1.5 });
};

/** ComfyUI: `{workflow_values: {positive_prompt, …}}` → `{result: [{…, data: base64}]}`. */
export const comfyUi: Handler = (call) => {
  const { workflow_values: values } = inputObject(call);
  if (!isObject(values) || typeof values.positive_prompt !== 'string')
    return refused('{"workflow_values": {"positive_prompt"}}');
  const data = picture(values.positive_prompt, values.seed);
  return json({ result: [{ node_id: '9', image: 'ComfyUI_00001_.png', data }] });
};

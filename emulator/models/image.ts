import { PNG } from 'pngjs';
import { hash, randomFrom } from './hash';
import { type Handler, bytes, inputObject, json, modelError } from './model';

const MOST_PIXELS_A_SIDE = 1024;

/**
 * `{prompt, width?, height?}` → a PNG drawn from the prompt, always the same for the same prompt.
 * With `format: "base64"` or `"data_url"` → `{image, format, width, height, prompt}` with the image
 * in that form.
 */
export const image: Handler = (call) => {
  const { prompt, format, width = 256, height = 256 } = inputObject(call);
  if (typeof prompt !== 'string') return modelError(422, 'Field "prompt" has to be a string.');
  if (!isSide(width) || !isSide(height)) {
    return modelError(422, `width and height have to be integers from 1 to ${MOST_PIXELS_A_SIDE}.`);
  }
  const png = drawPng(prompt, width, height);
  if (format !== 'base64' && format !== 'data_url') return bytes(png, 'image/png');
  const base64 = png.toString('base64');
  const text = format === 'base64' ? base64 : `data:image/png;base64,${base64}`;
  return json({ image: text, format: 'png', width, height, prompt });
};

const isSide = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_PIXELS_A_SIDE;

/** Draws seven discs on a gradient, which depend on the prompt. Width and height are in pixels. */
export function drawPng(prompt: string, width: number, height: number): Buffer {
  const random = randomFrom(hash(prompt));
  const colour = () => [random() * 255, random() * 255, random() * 255] as const;
  const [top, bottom] = [colour(), colour()];
  const discs = Array.from({ length: 7 }, () => ({
    x: random() * width,
    y: random() * height,
    radius: (0.05 + random() * 0.2) * Math.min(width, height),
    colour: colour(),
  }));
  const png = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const disc = discs.find((one) => (one.x - x) ** 2 + (one.y - y) ** 2 < one.radius ** 2);
      const offset = (y * width + x) * 4;
      for (let channel = 0; channel < 3; channel++) {
        const gradient = top[channel]! + ((bottom[channel]! - top[channel]!) * y) / height;
        png.data[offset + channel] = disc ? disc.colour[channel]! : gradient;
      }
      png.data[offset + 3] = 255;
    }
  }
  return PNG.sync.write(png);
}

import { parseJson } from '../http/body';
import { Refusal, badRequest, notFound } from '../http/refusal';
import { checkEmbeddingRequest } from '../schemas/embeddingRequest';
import { toBase64 } from './floats';
import { hash } from './hash';
import { type Handler, json } from './model';
import { ignoresDimensions, oddly, type VectorEntry } from './oddVectors';

const NATIVE_DIMENSIONS = 256;

/** Whether a model of that name is served here. */
export type Serves = (model: string) => boolean;

/**
 * A handler of `POST …/v1/embeddings` in OpenAI's format. It throws a `Refusal`: 400 for an invalid
 * request, 404 for a model that is not served, 413 for too many texts.
 */
export const embeddings =
  (serves: Serves, mostTexts: number): Handler =>
  (call) => {
    const request = checkEmbeddingRequest(parseJson(call.body));
    if (!serves(request.model)) throw notFound(`Model ${request.model} is not served here.`);
    const texts = typeof request.input === 'string' ? [request.input] : request.input;
    checkBatch(texts.length, mostTexts);
    const dimensions =
      (ignoresDimensions(request.model) ? undefined : request.dimensions) ?? NATIVE_DIMENSIONS;
    if (dimensions > NATIVE_DIMENSIONS)
      throw badRequest(`dimensions can be ${NATIVE_DIMENSIONS} at most.`);
    const entries = texts.map((text, index): VectorEntry => {
      const vector = embed(text, dimensions);
      const embedding = request.encoding_format === 'base64' ? toBase64(vector) : [...vector];
      return { object: 'embedding', index, embedding };
    });
    const data = oddly(entries, request);
    const tokens = texts.reduce((sum, text) => sum + words(text).length, 0);
    const usage = { prompt_tokens: tokens, total_tokens: tokens };
    return json({ object: 'list', data, model: request.model, usage });
  };

/**
 * Checks the number of texts in a request.
 * @throws {Refusal} 413 if there are more than `most`.
 */
export function checkBatch(size: number, most: number): void {
  if (size <= most) return;
  const message = `A batch of ${size} texts exceeds the limit of ${most}.`;
  throw new Refusal(413, 'payload_too_large', message);
}

/**
 * A unit vector made of the hashes of a text's words: texts that share words are near each other,
 * whatever they mean.
 */
export function embed(text: string, dimensions = NATIVE_DIMENSIONS): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of words(text)) {
    const value = hash(word);
    vector[value % dimensions]! += value & 0x80000000 ? 1 : -1;
  }
  const length = Math.hypot(...vector);
  if (length === 0) vector[0] = 1;
  else for (let index = 0; index < dimensions; index++) vector[index]! /= length;
  return vector;
}

/** The cosine of the angle between two unit vectors: from -1 to 1. */
export function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, index) => sum + value * right[index]!, 0);
}

const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

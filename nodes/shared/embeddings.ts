// Decisions: docs/decisions.md, "One request carries the texts of many items".

import { pack, runBatches, type RunSettings } from './run/batches';
import type { BasetenRequest, BasetenResponse } from './http/client';
import { responseFailure } from './errors/basetenError';
import { jsonBody } from './payload/requestBody';
import { parseResponseObject } from './payload/responseItem';
import { UserInputError } from './errors/userInputError';

/** The most texts in one request, if the user sets nothing else. */
export const DEFAULT_BATCH_SIZE = 64;
/** The most texts in one request that the user can set. */
export const LARGEST_BATCH_SIZE = 2048;

/** Which model makes the vectors, and how. */
export interface Embedder {
  /** URL of an OpenAI-compatible embeddings route. */
  url: string;
  /** What is called, for messages. */
  subject: string;
  /** The name that the request gives as `model`. */
  model: string;
  /** Length of the vectors, for models that can shorten them. */
  dimensions?: number;
}

/** How many texts are embedded by several requests. */
export interface EmbedSettings {
  /** The most texts in one request. */
  batchSize: number;
  settings: RunSettings;
  send(request: BasetenRequest, signal: AbortSignal): Promise<BasetenResponse>;
  /** Stops the run from outside. */
  cancel?: AbortSignal;
}

/**
 * Turns texts into vectors with one request.
 * @returns a vector for each text, in their order
 * @throws {BasetenError} if the call fails, or the response does not have a vector for each text
 * @see https://docs.baseten.co/engines/bei/overview
 */
export async function embed(
  texts: string[],
  { url, subject, model, dimensions }: Embedder,
  send: (request: BasetenRequest) => Promise<BasetenResponse>,
): Promise<number[][]> {
  // Vectors in base64 are a quarter of the size of vectors in JSON, and faster to read.
  const body = jsonBody({
    model,
    input: texts,
    encoding_format: 'base64',
    ...(dimensions && { dimensions }),
  });
  const response = await send({ method: 'POST', url, body, subject });
  return readVectors(parseResponseObject(response.body, subject).data, texts.length, subject);
}

/**
 * Turns any number of texts into vectors. They are packed into requests, several of which are in
 * flight at once.
 * @returns a vector for each text, in their order
 * @throws {UserInputError} if a text is empty or not a text; nothing is sent then
 * @throws {BasetenError} if a call fails, or a response does not have a vector for each text
 * @see https://docs.baseten.co/engines/bei/overview
 */
export async function embedAll(
  texts: unknown[],
  embedder: Embedder,
  { batchSize, settings, send, cancel }: EmbedSettings,
): Promise<number[][]> {
  const checked = texts.map((text, index) =>
    toText(text, texts.length > 1 ? `Text ${index + 1}` : 'The text'),
  );
  return await runBatches({
    batches: pack(checked.map((_, entry) => ({ entry, kind: '', batchSize }))),
    settings,
    work: async (entries, signal) =>
      await embed(
        entries.map((entry) => checked[entry] ?? ''),
        embedder,
        async (request) => await send(request, signal),
      ),
    onFailure: (_, cause) => {
      throw cause;
    },
    cancel,
  });
}

/**
 * Checks a text that is to be sent to a model. A number or boolean becomes text.
 * @param label its name in the error
 * @throws {UserInputError} if it is empty, or not a text
 */
export function toText(value: unknown, label: string): string {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  if (typeof text === 'string' && text.trim() !== '') return text;
  const isEmpty = text === undefined || text === null || typeof text === 'string';
  throw new UserInputError(
    isEmpty
      ? `${label} is empty`
      : `${label} is ${Array.isArray(text) ? 'a list' : 'an object'}, not a text`,
    'Check that the expression gives a text for every item, ' +
      'and remove items without a text before this node.',
  );
}

function readVectors(data: unknown, count: number, subject: string): number[][] {
  if (!Array.isArray(data) || data.length !== count) {
    const got = Array.isArray(data) ? data.length : 'no';
    throw responseFailure(
      `${subject} was sent ${count} texts and responded with ${got} vectors`,
      'Check that the model is an embeddings model.',
    );
  }
  const vectors = new Array<number[] | undefined>(count);
  data.forEach((entry: { index?: unknown; embedding?: unknown } | null, position) => {
    const index = typeof entry?.index === 'number' ? entry.index : position;
    vectors[index] = toVector(entry?.embedding);
  });
  for (let index = 0; index < count; index++) {
    if (vectors[index]) continue;
    throw responseFailure(
      `The response of ${subject} has no usable vector for text ${index + 1} of ${count}`,
      'Check that the model is an embeddings model.',
    );
  }
  return vectors as number[][];
}

/** @returns the numbers of a vector, which may be a list or base64; nothing if it is neither */
function toVector(embedding: unknown): number[] | undefined {
  if (typeof embedding === 'string') return decodeVector(embedding);
  const isVector =
    Array.isArray(embedding) &&
    embedding.length > 0 &&
    embedding.every((value) => typeof value === 'number');
  return isVector ? (embedding as number[]) : undefined;
}

/** Reads 32-bit floats. They are little-endian, on any machine. */
function decodeVector(base64: string): number[] | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

import { pack, runBatches, type RunSettings } from './run/batches';
import type { BasetenRequest, BasetenResponse } from './http/client';
import { responseFailure } from './errors/basetenError';
import { jsonBody } from './payload/requestBody';
import { parseResponseObject } from './payload/responseItem';
import { UserInputError } from './errors/userInputError';

/** Texts in one request where the user sets nothing else. */
export const DEFAULT_BATCH_SIZE = 64;
/** The most texts in one request. */
export const LARGEST_BATCH_SIZE = 2048;

/** Which model makes vectors, and how. */
export interface Embedder {
  /** URL of an OpenAI-compatible embeddings route. */
  url: string;
  /** What is called, for messages. */
  subject: string;
  model: string;
  /** Length of the vectors, where the model lets one choose. */
  dimensions?: number;
}

export interface EmbedSettings {
  /** The most texts in one request. */
  batchSize: number;
  settings: RunSettings;
  send(request: BasetenRequest, signal: AbortSignal): Promise<BasetenResponse>;
  /** Stops it from outside. */
  cancel?: AbortSignal;
}

/**
 * Makes the vectors of some texts in one request.
 * @returns a vector for each text, in their order
 * @throws {BasetenError} where the call fails or the answer doesn't hold them
 * @see https://docs.baseten.co/engines/bei/overview
 */
export async function embed(
  texts: string[],
  { url, subject, model, dimensions }: Embedder,
  send: (request: BasetenRequest) => Promise<BasetenResponse>,
): Promise<number[][]> {
  // Numbers as base64 are a quarter of their size as text, and quicker to read.
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
 * Makes the vectors of any number of texts: packed into requests, several of them in flight.
 * @throws {UserInputError} where a text is empty, before anything is sent
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
 * Reads a text that is to be sent to a model.
 * @param label what it is called in the message
 * @throws {UserInputError} where it is empty or no text
 */
export function toText(value: unknown, label: string): string {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  if (typeof text === 'string' && text.trim() !== '') return text;
  const isEmpty = text === undefined || text === null || typeof text === 'string';
  throw new UserInputError(
    isEmpty
      ? `${label} is empty`
      : `${label} is no text but ${Array.isArray(text) ? 'a list' : 'an object'}`,
    'Check that the expression gives a text for every item, and leave out empty ones before this node.',
  );
}

function readVectors(data: unknown, count: number, subject: string): number[][] {
  if (!Array.isArray(data) || data.length !== count) {
    const got = Array.isArray(data) ? data.length : 'no';
    throw responseFailure(
      `${subject} was sent ${count} texts and answered with ${got} vectors`,
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
      `The answer of ${subject} has no usable vector for text ${index + 1} of ${count}`,
      'Check that the model is an embeddings model.',
    );
  }
  return vectors as number[][];
}

/** A vector as numbers, whether it came as such or as base64. */
function toVector(embedding: unknown): number[] | undefined {
  if (typeof embedding === 'string') return decodeVector(embedding);
  const isVector =
    Array.isArray(embedding) &&
    embedding.length > 0 &&
    embedding.every((value) => typeof value === 'number');
  return isVector ? (embedding as number[]) : undefined;
}

/** Reads 32-bit floats in little-endian order, whatever the machine's own order. */
function decodeVector(base64: string): number[] | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

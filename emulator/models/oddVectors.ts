import { badRequest } from '../http/refusal';
import type { EmbeddingRequest } from '../schemas/embeddingRequest';
import { toBase64, toFloats } from './floats';

/** A vector as a response has it. */
export interface VectorEntry {
  object: 'embedding';
  index: number | string | undefined;
  embedding: number[] | string | null;
}

/**
 * Changes what an embeddings server responds.
 * @param entries the vectors of the texts, in their order
 * @throws {Refusal} if the server refuses the request instead
 */
type Oddity = (entries: VectorEntry[], request: EmbeddingRequest) => VectorEntry[];

/**
 * What embeddings servers other than Baseten's were seen to do. The name of the model chooses one:
 * `odd/no-base64`. Where it says so, only texts with the word "odd" are concerned.
 * - `no-base64`: refuses vectors in base64.
 * - `refuses`: refuses whatever it is sent.
 * - `nan`: gives odd texts a number that is not finite; `null` if it gives a list.
 * - `float64`: gives base64 of 64-bit floats.
 * - `float64-of-16-bit`: the same, of numbers that a 16-bit model made.
 * - `not-base64`: gives odd texts a text that is not base64.
 * - `newlines`: breaks base64 into lines.
 * - `no-vector`: gives odd texts null.
 * - `left-out`: leaves odd texts out.
 * - `shorter`: gives odd texts a vector that is shorter than the others.
 * - `native-dimensions`: gives vectors of 256 numbers, whatever it is asked for.
 * - `index-as-text`: gives indexes as text, in the opposite order.
 * - `index-repeated`: gives all vectors the index 0.
 * - `index-beyond`: counts indexes from 1.
 * - `no-index`: gives no indexes.
 */
const ODDITIES: Record<string, Oddity> = {
  'no-base64': (entries, { encoding_format }) => {
    if (encoding_format === 'base64')
      throw badRequest('Encoding format base64 is not supported. Use float.');
    return entries;
  },
  refuses: () => {
    throw badRequest('This model is not an embeddings model.');
  },
  nan: ofOdd((entry) => ({
    ...entry,
    embedding:
      typeof entry.embedding === 'string'
        ? toBase64(toFloats(entry.embedding).fill(NaN, 1, 2))
        : ([null] as unknown as number[]).concat(entry.embedding?.slice(1) ?? []),
  })),
  float64: ofAll((entry) => ({
    ...entry,
    embedding: toDoubles(entry, (_, at) => Math.sin(at + 1)),
  })),
  'float64-of-16-bit': ofAll((entry) => ({
    ...entry,
    embedding: toDoubles(entry, (value) => Math.sign(value || 1) * 0.5),
  })),
  'not-base64': ofOdd((entry) => ({ ...entry, embedding: 'not a vector!' })),
  newlines: ofAll((entry) => ({
    ...entry,
    embedding: String(entry.embedding).replace(/.{76}/g, '$&\n'),
  })),
  'no-vector': ofOdd((entry) => ({ ...entry, embedding: null })),
  'left-out': (entries, request) => entries.filter((_, place) => !isOdd(request, place)),
  shorter: ofOdd((entry) => ({
    ...entry,
    embedding:
      typeof entry.embedding === 'string'
        ? toBase64(toFloats(entry.embedding).slice(1))
        : (entry.embedding?.slice(1) ?? null),
  })),
  'index-as-text': (entries) =>
    entries.map((entry) => ({ ...entry, index: String(entry.index) })).reverse(),
  'index-repeated': ofAll((entry) => ({ ...entry, index: 0 })),
  'index-beyond': ofAll((entry) => ({ ...entry, index: Number(entry.index) + 1 })),
  'no-index': ofAll((entry) => ({ ...entry, index: undefined })),
};

const PREFIX = 'odd/';

/** Whether a request's model is one that gives vectors of 256 numbers, whatever it is asked for. */
export const ignoresDimensions = (model: string) => model === `${PREFIX}native-dimensions`;

/**
 * Makes a response odd if the request's model says so.
 * @param entries the vectors of the texts, in their order
 * @throws {Refusal} 400 if the oddity is a refusal
 */
export function oddly(entries: VectorEntry[], request: EmbeddingRequest): VectorEntry[] {
  const oddity = request.model.startsWith(PREFIX)
    ? ODDITIES[request.model.slice(PREFIX.length)]
    : undefined;
  return oddity?.(entries, request) ?? entries;
}

function ofAll(change: (entry: VectorEntry) => VectorEntry): Oddity {
  return (entries) => entries.map(change);
}

function ofOdd(change: (entry: VectorEntry) => VectorEntry): Oddity {
  return (entries, request) =>
    entries.map((entry, place) => (isOdd(request, place) ? change(entry) : entry));
}

function isOdd({ input }: EmbeddingRequest, place: number): boolean {
  const text = typeof input === 'string' ? input : input[place];
  return /\bodd\b/.test(text ?? '');
}

/** Base64 of 64-bit floats. */
function toDoubles(
  { embedding }: VectorEntry,
  change: (value: number, at: number) => number,
): string {
  const floats = typeof embedding === 'string' ? [...toFloats(embedding)] : (embedding ?? []);
  const bytes = Buffer.alloc(floats.length * 8);
  floats.forEach((value, at) => bytes.writeDoubleLE(change(value, at), at * 8));
  return bytes.toString('base64');
}

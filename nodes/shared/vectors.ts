import { responseFailure, type BasetenError } from './errors/basetenError';
import { isRecord } from './json';

const HINT =
  'Check the text, and that the model is an embeddings model. ' +
  'If only some texts are concerned, look at the deployment’s logs.';

/** A text for which a response has no vector that can be used. */
export class NoVector {
  /**
   * @param reason what is wrong with the vector, as the end of a sentence: `is missing`
   * @param hint what to do
   */
  constructor(
    readonly reason: string,
    private readonly hint = HINT,
  ) {}

  /**
   * Says so in an error.
   * @param subject what was called
   * @param text which text it is
   */
  toFailure(subject: string, text: string): BasetenError {
    return responseFailure(`The vector that ${subject} gave for ${text} ${this.reason}`, this.hint);
  }
}

/** What the vectors of a response must fit. */
export interface VectorsWanted {
  /** How many texts were sent. */
  count: number;
  /** How long the vectors must be; if nothing was asked for, as long as most of them are. */
  dimensions?: number;
  /** What was called, for messages. */
  subject: string;
}

/** From this number on, its square is no 32-bit float. So no engine could work with it. */
const NOT_A_FLOAT = 2 ** 64;
/** The fewest numbers of 64 bits that are told from as many pairs of 32 bits. */
const FEWEST_DOUBLES = 8;

/**
 * Reads the vectors of an OpenAI-compatible response.
 * @param data the response's `data`, which may be anything
 * @returns for each text, in their order, its vector or why it has none
 * @throws {BasetenError} if it is not clear which vector belongs to which text
 * @see https://docs.baseten.co/engines/bei/overview
 */
export function readVectors(
  data: unknown,
  { count, dimensions, subject }: VectorsWanted,
): Array<number[] | NoVector> {
  const entries: unknown[] = Array.isArray(data) ? data : [];
  const indexes = entries.map((entry) => toIndex(isRecord(entry) ? entry.index : undefined));
  const areNumbered = entries.length > 0 && !indexes.includes(undefined);
  if (!Array.isArray(data) || data.length > count || (data.length < count && !areNumbered)) {
    const got = Array.isArray(data) ? data.length : 'no';
    throw responseFailure(
      `${subject} was sent ${count} texts and responded with ${got} vectors`,
      'Check that the model is an embeddings model.',
    );
  }
  const vectors = new Array<number[] | NoVector | undefined>(count);
  entries.forEach((entry, position) => {
    const index = indexes[position] ?? position;
    if (!(index < count)) throw wrongIndexFailure(subject, count);
    vectors[index] =
      vectors[index] === undefined
        ? toVector(isRecord(entry) ? entry.embedding : undefined)
        : new NoVector('came twice, so it is not known which one is right');
  });
  return withOneLength(
    Array.from(vectors, (vector) => vector ?? new NoVector('is missing')),
    dimensions,
  );
}

/**
 * Reads the position that a response gives a result, which may be a number as text.
 * @returns the position; nothing if there is none; `NaN` for anything else
 */
export function toIndex(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const isDigits = typeof value === 'string' && /^\d{1,15}$/.test(value);
  const index = isDigits ? Number(value) : value;
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : NaN;
}

/** @returns the numbers of a vector, which may be a list or base64, or why it can't be used */
function toVector(embedding: unknown): number[] | NoVector {
  if (typeof embedding === 'string') return decodeVector(embedding);
  if (embedding === undefined || embedding === null) return new NoVector('is missing');
  if (!Array.isArray(embedding)) return new NoVector('is neither a list nor base64');
  if (embedding.length === 0) return new NoVector('is empty');
  // JSON has no NaN: servers write null for it.
  const isNumeric = (value: unknown) => typeof value === 'number' || value === null;
  if (!embedding.every(isNumeric)) return new NoVector('has entries that are not numbers');
  return finite(embedding as number[]);
}

/** Reads 32-bit floats. They are little-endian, on any machine. */
function decodeVector(base64: string): number[] | NoVector {
  if (base64 === '') return new NoVector('is empty');
  const bytes = Buffer.from(base64, 'base64');
  if (!isBase64Of(base64, bytes)) return new NoVector('is text that is not base64');
  if (bytes.length % 4 !== 0) return new NoVector('is base64, but not of 32-bit floats');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vector = Array.from({ length: bytes.length / 4 }, (_, index) =>
    view.getFloat32(index * 4, true),
  );
  const isTooLarge = (value: number) => Number.isFinite(value) && Math.abs(value) >= NOT_A_FLOAT;
  return vector.some(isTooLarge) || areHalvesOfDoubles(vector)
    ? new NoVector('is base64, but not of 32-bit floats')
    : finite(vector);
}

/** Whether all of a text was base64. Node leaves out what is not. Line breaks are allowed. */
function isBase64Of(text: string, bytes: Buffer): boolean {
  const again = bytes.toString('base64');
  if (text === again) return true;
  const bare = (value: string) => value.replace(/[\r\n=]/g, '');
  return bare(text) === bare(again);
}

/**
 * Whether numbers are the halves of 64-bit floats that a 16-bit model gave: each second half is 0,
 * and the others have the few values that the front of a 64-bit float can have.
 */
function areHalvesOfDoubles(vector: number[]): boolean {
  return (
    vector.length >= FEWEST_DOUBLES * 2 &&
    vector.length % 2 === 0 &&
    vector.every((value, index) =>
      index % 2 === 0 ? value === 0 : Math.abs(value) >= 2 ** -8 && Math.abs(value) < 2,
    )
  );
}

function finite(vector: number[]): number[] | NoVector {
  return vector.every(Number.isFinite) ? vector : new NoVector('has a number that is not finite');
}

/**
 * Takes vectors out that are not as long as they should be.
 * @param dimensions how long they should be; if nothing was asked for, as long as most of them are
 */
export function withOneLength(
  vectors: Array<number[] | NoVector>,
  dimensions: number | undefined,
): Array<number[] | NoVector> {
  const length = dimensions ?? commonLength(vectors);
  return vectors.map((vector) =>
    vector instanceof NoVector || vector.length === length
      ? vector
      : wrongLength(vector.length, dimensions),
  );
}

function wrongLength(length: number, dimensions: number | undefined): NoVector {
  return dimensions === undefined
    ? new NoVector(`has ${length} numbers, and others of the same model have more or fewer`)
    : new NoVector(
        `has ${length} numbers, and not ${dimensions}`,
        'Remove Dimensions from the options if the model can’t shorten its vectors.',
      );
}

/** @returns the length that more than half of the vectors have; nothing if there is none */
function commonLength(vectors: Array<number[] | NoVector>): number | undefined {
  const lengths = vectors.flatMap((vector) => (vector instanceof NoVector ? [] : [vector.length]));
  const counts = new Map<number, number>();
  for (const length of lengths) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].find(([, count]) => count * 2 > lengths.length)?.[0];
}

function wrongIndexFailure(subject: string, count: number): BasetenError {
  return responseFailure(
    `${subject} was sent ${count} texts and gave a vector an index that none of them has`,
    'Check that the model is an embeddings model.',
  );
}

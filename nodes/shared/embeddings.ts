// Decisions: docs/decisions.md, "One request carries the texts of many items".

import type { Connection } from './connection/connection';
import { FailedEntry, pack, runBatches, type Places } from './run/batches';
import type { BasetenRequest, BasetenResponse } from './http/client';
import { TokenCost } from './http/flow/tokens';
import { BasetenError } from './errors/basetenError';
import { named, withServedNames, type Asking } from './knowledge/servedModel';
import type { Source } from './parameters/source';
import { jsonBody } from './payload/requestBody';
import { parseResponseObject } from './payload/responseItem';
import { UserInputError } from './errors/userInputError';
import { withTextLength } from './textLength';
import { NoVector, readVectors, withOneLength } from './vectors';
import { capital } from './capital';

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
  /** What is known of the models that are called; by default, what this process has learnt. */
  known?: KnownModels;
}

/** An embeddings model whose name may have to be asked for. */
export type EmbeddingSource = Pick<Embedder, 'url' | 'subject' | 'model'> &
  Pick<Source, 'isNamed' | 'deployment'>;

/** How many texts are embedded by several requests. */
export interface EmbedSettings {
  /** The most texts in one request. */
  batchSize: number;
  /** How many requests may be under way at once. */
  flow: Places;
  send(request: BasetenRequest, signal?: AbortSignal): Promise<BasetenResponse>;
  /** Stops the run from outside. */
  cancel?: AbortSignal;
  connection: Connection;
}

/** What earlier requests found out about the models that they called. */
export class KnownModels {
  private readonly withoutBase64 = new Set<string>();

  /** Remembers that a model gives vectors as lists only. */
  rememberNoBase64(model: ModelAddress): void {
    this.withoutBase64.add(keyOf(model));
  }

  /** @returns whether a model may give vectors as base64: true if nothing is known */
  mayKnowBase64(model: ModelAddress): boolean {
    return !this.withoutBase64.has(keyOf(model));
  }
}

/** One URL can have several models, each with a server of its own behind it. */
type ModelAddress = Pick<Embedder, 'url' | 'model'>;

function keyOf({ url, model }: ModelAddress): string {
  return `${url} ${model}`;
}

/** What this process has learnt. A restart forgets it, since servers change. */
const LEARNT = new KnownModels();

/** HTTP statuses with which servers refuse a field that they don't know. */
const FIELD_REFUSED = [400, 415, 422, 501];

/**
 * Turns texts into vectors with one request. If a server refuses vectors in base64, it is asked
 * once more for lists of numbers, and from then on for nothing else.
 * @returns for each text, in their order, its vector or why it has none
 * @throws {BasetenError} if the call fails, or it is not clear which vector belongs to which text
 * @see https://docs.baseten.co/engines/bei/overview
 */
export async function embed(
  texts: string[],
  { url, subject, model, dimensions, known = LEARNT }: Embedder,
  send: (request: BasetenRequest) => Promise<BasetenResponse>,
): Promise<Array<number[] | NoVector>> {
  const tokens = new TokenCost(texts.reduce((sum, text) => sum + text.length, 0));
  const askFor = async (encoding_format: 'base64' | 'float') => {
    const body = jsonBody({
      model,
      input: texts,
      encoding_format,
      ...(dimensions && { dimensions }),
    });
    return await send({ method: 'POST', url, body, subject, model, tokens });
  };

  // Vectors in base64 are a quarter of the size of vectors in JSON, and faster to read.
  async function askForEither(): Promise<BasetenResponse> {
    if (!known.mayKnowBase64({ url, model })) return await askFor('float');
    try {
      return await askFor('base64');
    } catch (error) {
      passOnUnlessAboutBase64(error);
    }
    const response = await askFor('float');
    known.rememberNoBase64({ url, model });
    return response;
  }

  const response = await askForEither();
  const { data, usage } = parseResponseObject(response.body, subject);
  tokens.tell(usage);
  return readVectors(data, { count: texts.length, dimensions, subject });
}

/**
 * Does work with a model under the name that its server serves it, if the user named none.
 * @param asking how the server is asked for the name
 * @returns what the work returns
 * @throws what the work throws; if the server does not know the name, with those that it knows
 */
export async function withName<Model extends EmbeddingSource, Result>(
  source: Model,
  asking: Asking,
  work: (named: Model) => Promise<Result>,
): Promise<Result> {
  const withItsName = await named(source, asking);
  try {
    return await work(withItsName);
  } catch (error) {
    throw await withServedNames(error, withItsName, asking);
  }
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
  source: Embedder & EmbeddingSource,
  settings: EmbedSettings,
): Promise<number[][]> {
  const nameOf = (index: number) => (texts.length > 1 ? `text ${index + 1}` : 'the text');
  const checked = texts.map((text, index) => {
    return toText(text, capital(nameOf(index)));
  });
  if (checked.length === 0) return [];
  const { connection, send, cancel } = settings;
  const asking: Asking = { connection, send: async (request) => await send(request, cancel) };
  return await withName(source, asking, async (embedder) => {
    const vectors = await embedChecked(checked, { embedder, nameOf, ...settings });
    // Each request has vectors of one length. Another request may have had another model.
    return withOneLength(vectors, embedder.dimensions).map((vector, index) => {
      if (vector instanceof NoVector) throw vector.toFailure(embedder.subject, nameOf(index));
      return vector;
    });
  });
}

/** What is embedded, and how. */
interface Embedding extends EmbedSettings {
  embedder: Embedder;
  /** Names a text in messages. */
  nameOf(index: number): string;
}

async function embedChecked(
  texts: string[],
  { embedder, nameOf, batchSize, flow, send, cancel }: Embedding,
): Promise<number[][]> {
  const { subject } = embedder;
  return await runBatches({
    batches: pack(texts.map((_, entry) => ({ entry, kind: '', batchSize }))),
    flow,
    work: async (entries, signal) => {
      const made = await embed(
        entries.map((entry) => texts[entry] ?? ''),
        embedder,
        async (request) => await send(request, signal),
      );
      return made.map((vector, position) =>
        vector instanceof NoVector
          ? new FailedEntry(vector.toFailure(subject, nameOf(entries[position] ?? 0)))
          : vector,
      );
    },
    onFailure: (entry, cause) => {
      const label = capital(nameOf(entry));
      throw withTextLength(cause, { text: texts[entry] ?? '', label, subject });
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

/** @throws the error, unless a server says in it that it does not know vectors in base64 */
function passOnUnlessAboutBase64(error: unknown): void {
  const isAboutBase64 =
    error instanceof BasetenError &&
    FIELD_REFUSED.includes(error.status ?? 0) &&
    /base64|encoding[_ ]?format/i.test(error.detail ?? '');
  if (!isAboutBase64) throw error;
}

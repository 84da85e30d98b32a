import { createHash } from 'crypto';

import type { Connection } from '../connection/connection';
import { BASETEN_ENDPOINTS, managementUrl } from '../connection/endpoints';
import { toDecimal, type Decimal } from '../decimal';
import { BasetenError } from '../errors/basetenError';
import { createClient, type HttpContext } from '../http/client';
import type { KnownLimit } from '../http/flow/window';
import { isRecord } from '../json';
import { entriesOf, managementApi, take, type Page } from '../management/api';
import { realTime, type Time } from '../time';
import { PROCESS_MEMORY, type Memory } from './memory';

/** Milliseconds that prices and limits are remembered. */
const FRESH_FOR = 600_000;
/** Milliseconds until they are asked for again if Baseten could not be asked. */
const ASK_AGAIN_AFTER = 60_000;
/** Most milliseconds that the first requests of a run wait for the limits. */
const PATIENCE_MS = 1000;
/** Seconds for one request. */
const TIMEOUT = 20;
/** The most that Baseten gives at once, and the most that are read. */
const PAGE = 1000;
const MOST_ENTRIES = 10_000;
const MILLISECONDS_OF: Record<string, number> = { SECOND: 1000, MINUTE: 60_000 };
const COUNTS_OF: Record<string, KnownLimit['counts']> = { REQUEST: 'requests', TOKEN: 'tokens' };

/** What a workspace pays for a million tokens of a Model API, in dollars. */
export interface ModelApiPrices {
  input: Decimal;
  output: Decimal;
  /** Input that Baseten had in its cache; the same as other input unless Baseten says so. */
  cachedInput: Decimal;
}

/** What Baseten says about a Model API, and about this workspace's use of it. */
export interface ModelApiFacts {
  /** Nothing if Baseten gives none. */
  prices?: ModelApiPrices;
  /** In tokens; nothing if Baseten does not say it. */
  contextLength?: number;
  limits: KnownLimit[];
}

/** Whom to ask. */
export interface ModelApisAsker {
  context: HttpContext;
  connection: Connection;
}

type Entry = Record<string, unknown>;

/** The list as it is remembered. */
interface Catalog {
  entries: Entry[];
  /** Whether another try may bring it: Baseten could not be asked. */
  isMissing?: boolean;
}

/**
 * Reads what Baseten says about a Model API: the workspace's prices and limits. It is remembered
 * for ten minutes.
 * @param model the name that requests give as their `model`
 * @returns nothing if the key may not read it, Baseten could not be asked, or does not have it
 * @see https://docs.baseten.co/inference/model-apis/pricing-and-limits
 */
export async function modelApiFacts(
  asker: ModelApisAsker,
  model: string,
  memory: Memory = PROCESS_MEMORY,
): Promise<ModelApiFacts | undefined> {
  const { entries } = await catalogOf(asker, memory);
  const entry = entryOf(entries, model);
  return entry && toFacts(entry);
}

/**
 * Reads the limits of a Model API, without holding up the requests that they are for: nobody waits
 * longer than a second for them.
 * @param mayAsk whether Baseten is asked if they are not known yet
 * @param signal ends the wait
 * @returns the limits; nothing if they are not known, which says nothing of those known before
 */
export async function knownLimitsOf(
  asker: ModelApisAsker,
  model: string,
  {
    mayAsk,
    signal,
    memory = PROCESS_MEMORY,
    time = realTime,
  }: { mayAsk: boolean; signal?: AbortSignal; memory?: Memory; time?: Time },
): Promise<readonly KnownLimit[] | undefined> {
  if (!mayAsk) {
    const known = await memory.peek<Catalog>(keyOf(asker.connection));
    const entry = known && entryOf(known.entries, model);
    return entry && toFacts(entry).limits;
  }
  const enough = new AbortController();
  const signals = signal ? [signal, enough.signal] : [enough.signal];
  const patience = time.wait(PATIENCE_MS, AbortSignal.any(signals)).then(() => undefined);
  const facts = await Promise.race([modelApiFacts(asker, model, memory), patience]);
  enough.abort();
  return facts?.limits;
}

async function catalogOf({ context, connection }: ModelApisAsker, memory: Memory) {
  if (!isOfOneWorkspace(connection)) return { entries: [] };
  const freshFor = ({ isMissing }: Catalog) => (isMissing ? ASK_AGAIN_AFTER : FRESH_FOR);
  return await memory.recall(keyOf(connection), freshFor, async (): Promise<Catalog> => {
    const client = createClient(context, connection);
    const manage = managementApi(
      connection.endpoints,
      async (request) => await client.send(request, { timeout: TIMEOUT, maxRetries: 1 }),
    );
    const pages = entriesOf<unknown>(
      async (cursor) =>
        await manage<Page<unknown>>({
          path: ['model_apis'],
          query: { cursor, limit: PAGE },
          subject: 'the list of Model APIs',
        }),
    );
    try {
      return { entries: (await take(pages, MOST_ENTRIES)).filter(isRecord) };
    } catch (error) {
      // Nobody needs prices and limits to get an answer, so it is no error if they can't be had.
      const isFinal = error instanceof BasetenError && error.kind === 'http' && !error.isPassing;
      return { entries: [], isMissing: !isFinal };
    }
  });
}

/** The key of somebody's gateway is not sent to Baseten, which does not know it. */
function isOfOneWorkspace({ apiKey, managementKey, keyScheme, endpoints }: Connection): boolean {
  if (keyScheme === 'Api-Key' && managementKey === apiKey) return false;
  const { modelApiUrl, managementUrl: url } = endpoints;
  return modelApiUrl === BASETEN_ENDPOINTS.modelApiUrl || url !== BASETEN_ENDPOINTS.managementUrl;
}

/** Two workspaces have prices of their own. */
function keyOf({ managementKey, endpoints }: Connection): string {
  const key = createHash('sha256').update(managementKey).digest('base64');
  return `${key} ${managementUrl(endpoints, 'model_apis')}`;
}

/** Finds a model by its name, or by its name as a part of a URL, if only one fits. */
function entryOf(entries: Entry[], model: string): Entry | undefined {
  const exact = entries.find(({ name }) => name === model);
  if (exact) return exact;
  const wanted = slugOf(model);
  const fitting = entries.filter(({ name, display_name: shown }) =>
    [name, shown].some((each) => typeof each === 'string' && slugOf(each) === wanted),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** `deepseek-ai/DeepSeek-V3.1` → `deepseek-v3-1` */
function slugOf(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function toFacts(entry: Entry): ModelApiFacts {
  const { context_length: length, rate_limits: limits } = entry;
  return {
    prices: toPrices(entry),
    ...(typeof length === 'number' && length > 0 && { contextLength: length }),
    limits: Array.isArray(limits) ? limits.flatMap(toLimit) : [],
  };
}

function toPrices(entry: Entry): ModelApiPrices | undefined {
  const input = toDecimal(entry.cost_per_million_input_tokens);
  const output = toDecimal(entry.cost_per_million_output_tokens);
  if (!input || !output) return undefined;
  // Baseten's document does not name this price yet, so its name is not certain.
  const cached = Object.keys(entry).find((name) => /^cost_per_million_.*cache/.test(name));
  return { input, output, cachedInput: toDecimal(cached && entry[cached]) ?? input };
}

function toLimit(limit: unknown): KnownLimit[] {
  if (!isRecord(limit)) return [];
  const counts = COUNTS_OF[String(limit.type)];
  const milliseconds = MILLISECONDS_OF[String(limit.unit)];
  const { threshold: most } = limit;
  // A limit of nothing would hold up everything for ever: Baseten itself says what is wrong then.
  const isUsable = typeof most === 'number' && most > 0 && Number.isFinite(most);
  return counts && milliseconds && isUsable ? [{ counts, most, milliseconds }] : [];
}

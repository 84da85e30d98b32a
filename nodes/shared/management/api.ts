import { managementUrl, type Endpoints } from '../connection/endpoints';
import type { Send } from '../async/requests';
import { jsonBody } from '../payload/requestBody';
import { parseResponseObject } from '../payload/responseItem';
import type { components } from './openapi';

/** The types of Baseten's own document, by their names there. */
export type Schemas = components['schemas'];

/** A call of the management API. */
interface ManagementCall {
  method?: 'GET' | 'PATCH' | 'POST';
  /** The parts of the path after `/v1`, unencoded. */
  path: string[];
  /** Parameters of the query. Those without a value are left out; a list is given repeatedly. */
  query?: Record<string, unknown>;
  /** Sent as JSON. */
  body?: object;
  /** What is asked for, for messages: `model abcd1234`. */
  subject: string;
}

/** Calls the management API and reads its response. */
export type Manage = <Response>(call: ManagementCall) => Promise<Response>;

/**
 * Makes the function that calls the management API with the credential's key for it.
 * @param send sends a request; its timeout and retries are the caller's
 * @returns a function that gives the response's object; it throws a `BasetenError` if the call
 * fails or the response is not an object, and a `UserInputError` if a part of the path can't be
 * used
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export function managementApi(endpoints: Endpoints, send: Send): Manage {
  return async <Response>({ method = 'GET', path, query, body, subject }: ManagementCall) => {
    const url = managementUrl(endpoints, ...path) + queryOf(query ?? {});
    const response = await send({
      method,
      url,
      key: 'management',
      subject,
      ...(body && { body: jsonBody(body) }),
    });
    // What Baseten's document promises is taken for granted, but for the object itself.
    return parseResponseObject(response.body, subject) as Response;
  };
}

/** Writes a query, with its question mark. A list is given repeatedly, as Baseten wants it. */
function queryOf(parameters: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (each !== undefined && each !== null && each !== '') query.append(name, String(each));
    }
  }
  return query.size > 0 ? `?${query.toString()}` : '';
}

/** A page of a list that goes on after a cursor. */
export interface Page<Entry> {
  items: Entry[];
  pagination?: { has_more?: boolean; cursor?: string | null };
}

/**
 * Follows the cursors of a list.
 * @param ask reads the page after a cursor; the first page without one
 * @returns the entries one by one; pages are only read as far as somebody takes entries
 */
export async function* entriesOf<Entry>(
  ask: (cursor?: string) => Promise<Page<Entry>>,
): AsyncGenerator<Entry> {
  const seen = new Set<string>();
  for (let cursor: string | undefined; ;) {
    const { items, pagination } = await ask(cursor);
    yield* items;
    const next = pagination?.cursor;
    // A cursor that comes again would never end.
    if (!next || pagination.has_more === false || seen.has(next)) return;
    seen.add(next);
    cursor = next;
  }
}

/** The first entries of a list. @param most how many; all by default */
export async function take<Entry>(
  entries: AsyncIterable<Entry>,
  most = Number.POSITIVE_INFINITY,
): Promise<Entry[]> {
  const taken: Entry[] = [];
  if (most <= 0) return taken;
  for await (const entry of entries) {
    taken.push(entry);
    if (taken.length >= most) break;
  }
  return taken;
}

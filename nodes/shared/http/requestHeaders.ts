import { authorizationOf, type Connection } from '../connection/connection';
import { checkHeaderValue } from '../connection/headerValue';
import { VERSION } from '../version';
import type { BodySource } from './wire';

/** What a request says about itself. */
export interface RequestFacts {
  /** Media type that the caller wants back; anything by default. */
  accept?: string;
  /** Headers of this request. They can't replace those that every request has. */
  headers?: Record<string, string>;
  body?: { content: Buffer | BodySource; contentType: string };
  /** Set if the request goes to the management API, which may have a key of its own. */
  key?: 'management';
}

/** A character that no header can carry: those that both ways send are what ASCII shows. */
const UNSENDABLE = /[^\t -~]/u;

/**
 * The headers of a request, with the key.
 * @throws {UserInputError} if one of them has a character that only one of the two ways would send
 */
export function requestHeaders(
  connection: Connection,
  { accept, body, headers: own, key }: RequestFacts,
): Record<string, string> {
  const length = body && !Buffer.isBuffer(body.content) ? body.content.length : undefined;
  const headers = {
    ...own,
    Authorization: authorizationOf(
      connection,
      key === 'management' ? connection.managementKey : connection.apiKey,
    ),
    'User-Agent': `n8n-nodes-baseten/${VERSION}`,
    Accept: accept ?? '*/*',
    // Neither way notices that a packed body has lost its end. n8n's client also hides that there
    // was one, and unpacks only what it knows.
    'Accept-Encoding': 'identity',
    ...(body && { 'Content-Type': body.contentType }),
    // Nobody else knows the size of a body that is read while it is sent.
    ...(length !== undefined && { 'Content-Length': String(length) }),
  };
  for (const [name, value] of Object.entries(headers)) {
    checkHeaderValue(value, UNSENDABLE, `The header ${name}`, 'Enter it again without it.');
  }
  return headers;
}

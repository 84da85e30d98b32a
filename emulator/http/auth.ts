import { Refusal } from './refusal';

/** The key that may do everything, and one that the management API refuses. */
export interface AcceptedKeys {
  full: string;
  inferenceOnly: string;
}

/** The key of an `Authorization` header: `Bearer <key>` or the older `Api-Key <key>`. */
export const keyOf = (header: string | undefined) =>
  /^(?:bearer|api-key)\s+(.+)$/i.exec(header ?? '')?.[1];

/**
 * Checks the key of an `Authorization` header.
 * @throws {Refusal} 401 if the key is missing or unknown; 403 if a key that is limited to inference
 * calls the management API.
 */
export function checkKey(
  header: string | undefined,
  keys: AcceptedKeys,
  isManagement: boolean,
): void {
  const key = keyOf(header);
  if (key !== keys.full && key !== keys.inferenceOnly) {
    const reason =
      header === undefined ? 'Authorization header is missing.' : 'API key is not valid.';
    throw new Refusal(401, 'unauthorized', reason);
  }
  if (isManagement && key === keys.inferenceOnly) {
    throw new Refusal(403, 'unauthorized', 'This API key is limited to inference.');
  }
}

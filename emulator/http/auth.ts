import type { Settings } from '../options';
import { Refusal } from './refusal';

/**
 * Checks `Authorization: Bearer <key>` or the older `Api-Key <key>`.
 * @throws {Refusal} 401 if the key is missing or unknown; 403 if a key that is limited to inference
 * calls the management API.
 */
export function checkKey(
  header: string | undefined,
  keys: Settings['apiKeys'],
  isManagement: boolean,
): void {
  const key = /^(?:bearer|api-key)\s+(.+)$/i.exec(header ?? '')?.[1];
  if (key !== keys.full && key !== keys.inferenceOnly) {
    const reason =
      header === undefined ? 'Authorization header is missing.' : 'API key is not valid.';
    throw new Refusal(401, 'unauthorized', reason);
  }
  if (isManagement && key === keys.inferenceOnly) {
    throw new Refusal(403, 'unauthorized', 'This API key is limited to inference.');
  }
}

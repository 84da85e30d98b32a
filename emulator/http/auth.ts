import { BasetenError } from './refusal';
import type { Settings } from '../options';

/**
 * Checks `Authorization: Bearer <key>` or the older `Api-Key <key>`.
 * Throws 401 without a key that is known, 403 for a key limited to inference on the management API.
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
    throw new BasetenError(401, 'unauthorized', reason);
  }
  if (isManagement && key === keys.inferenceOnly) {
    throw new BasetenError(403, 'unauthorized', 'This API key is limited to inference.');
  }
}

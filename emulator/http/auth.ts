import { Refusal } from './refusal';

/** The keys that are known. */
export interface AcceptedKeys {
  /** May do everything. */
  full: string;
  /** Is refused by the management API. */
  inferenceOnly: string;
  /** A customer's key for a Frontier Gateway: for inference, and known as `Api-Key` only. */
  gateway: string;
}

/** The key of an `Authorization` header: `Bearer <key>` or the older `Api-Key <key>`. */
export const keyOf = (header: string | undefined) =>
  /^(?:bearer|api-key)\s+(.+)$/i.exec(header ?? '')?.[1];

/**
 * Checks the key of an `Authorization` header.
 * @throws {Refusal} 401 if the key is missing or unknown, or a Frontier Gateway's and not sent as
 * `Api-Key`; 403 if a key that is limited to inference calls the management API.
 */
export function checkKey(
  header: string | undefined,
  keys: AcceptedKeys,
  isManagement: boolean,
): void {
  const key = keyOf(header);
  const isOfGateway = key === keys.gateway && /^api-key\s/i.test(header ?? '');
  if (key !== keys.full && key !== keys.inferenceOnly && !isOfGateway) {
    const reason =
      header === undefined ? 'Authorization header is missing.' : 'API key is not valid.';
    throw new Refusal(401, 'unauthorized', reason);
  }
  if (isManagement && key !== keys.full) {
    throw new Refusal(403, 'unauthorized', 'This API key is limited to inference.');
  }
}

import { createHash } from 'crypto';

/** A name for a key that does not tell it, for what is remembered about the key. */
export function nameOfKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

import { createHmac } from 'crypto';

import { UserInputError } from './userError';

/** Query parameters that carry metadata through Baseten, which gives back nothing but the URL it was told. */
export const METADATA_PARAMETER = 'baseten_metadata';
export const METADATA_SIGNATURE_PARAMETER = 'baseten_metadata_signature';

/** Bytes of JSON: base64 and a signature later it still fits the 8 KiB that proxies allow a URL. */
const LONGEST_METADATA = 4096;

/**
 * Checks the address that Baseten shall send a result to: https, or plain http to this machine.
 * @throws {UserInputError} where Baseten would refuse it
 * @see https://docs.baseten.co/inference/async
 */
export function parseWebhookUrl(value: unknown): URL {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') {
    throw new UserInputError(
      'Webhook URL is empty',
      'Copy the Production URL of a Baseten Trigger or Webhook node, or choose another Delivery.',
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return url;
  throw new UserInputError(
    `Webhook URL ${JSON.stringify(text.slice(0, 200))} can't be used`,
    'Baseten delivers to https:// addresses only (plain http:// works for localhost). Put a certificate or tunnel in front of this n8n, and set its webhook URL.',
  );
}

/**
 * Puts metadata into the query of a webhook URL, signed so that the trigger can tell it was not changed.
 * @param secret webhook signing secret; without one the metadata travels unsigned
 * @throws {UserInputError} where the metadata is too long for a URL
 */
export function withMetadata(url: URL, metadata: Record<string, unknown>, secret: string | undefined): URL {
  if (Object.keys(metadata).length === 0) return url;
  const json = Buffer.from(JSON.stringify(metadata), 'utf8');
  if (json.length > LONGEST_METADATA) {
    throw new UserInputError(
      `Metadata is ${json.length} bytes of JSON, more than the ${LONGEST_METADATA} that fit a URL`,
      'Send an ID and keep the rest in a table of your own.',
    );
  }
  const carrying = new URL(url);
  const value = json.toString('base64url');
  carrying.searchParams.set(METADATA_PARAMETER, value);
  if (secret !== undefined) carrying.searchParams.set(METADATA_SIGNATURE_PARAMETER, signMetadata(value, secret));
  return carrying;
}

/** @returns the signature of encoded metadata, hex */
export function signMetadata(value: string, secret: string): string {
  return createHmac('sha256', secret).update(`${METADATA_PARAMETER}=${value}`).digest('hex');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

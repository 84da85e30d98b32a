import { UserInputError } from '../errors/userInputError';

/**
 * Checks the address that Baseten will post a result to: https, or plain http to this machine.
 * @throws {UserInputError} if Baseten would refuse it
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
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname)))
    return url;
  throw new UserInputError(
    `Webhook URL ${JSON.stringify(text.slice(0, 200))} can't be used`,
    'Baseten delivers to https:// addresses only (plain http:// works for localhost). Put a certificate or tunnel in front of this n8n, and set its webhook URL.',
  );
}

/**
 * Whether a host is this machine.
 * @param hostname as `URL.hostname` has it
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

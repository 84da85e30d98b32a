import type { Endpoints } from '../connection/endpoints';
import { parseUrl } from '../parseUrl';
import { parseWebhookUrl } from './url';

/** What is wrong if Baseten can't deliver to an n8n, and what to do. */
export interface Unreachable {
  message: string;
  hint: string;
}

/**
 * Looks whether Baseten can deliver to an address of this n8n. Nothing is sent.
 * @param url an address that n8n made
 * @returns nothing if it can
 * @see https://docs.baseten.co/inference/async
 */
export function whyUnreachable(url: string, endpoints: Endpoints): Unreachable | undefined {
  try {
    parseWebhookUrl(url, endpoints);
    return undefined;
  } catch {
    return {
      message: `Baseten can't deliver to this n8n at ${parseUrl(url)?.origin ?? url}`,
      hint: 'Baseten delivers to public https:// addresses only. Set n8n’s webhook URL (N8N_WEBHOOK_URL) to its public https address.',
    };
  }
}

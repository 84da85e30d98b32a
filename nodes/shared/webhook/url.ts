import { parseUrl } from '../parseUrl';
import { BASETEN_ENDPOINTS, type Endpoints } from '../connection/endpoints';
import { UserInputError } from '../errors/userInputError';
import { quoted } from '../quoted';

/** What an address that Baseten posts results to is checked against. */
export interface WebhookUrlSettings {
  /** Where the request goes: a server of somebody's own may reach what Baseten can't. */
  endpoints: Endpoints;
  /** Whether somebody runs the workflow by hand, in the editor, where n8n's test URL works. */
  isManual: boolean;
}

/**
 * Checks the address that Baseten will post a result to: https, and not in a private network. With
 * custom endpoints it may be private, and plain http to this machine.
 * @param value what the user entered
 * @returns the address as it was entered, without blanks around it
 * @throws {UserInputError} if the result would be lost
 * @see https://docs.baseten.co/inference/async
 */
export function readWebhookUrl(value: unknown, settings: WebhookUrlSettings): string {
  const text = typeof value === 'string' ? value.trim() : '';
  const url = parseWebhookUrl(text, settings.endpoints);
  if (!settings.isManual && isTestUrl(url)) {
    throw new UserInputError(
      `Webhook URL ${quoted(text)} is a test URL, which works only while somebody listens in the editor`,
      'Use the Production URL of a published workflow. A Test URL can be used in a manual execution.',
    );
  }
  // What only this parser understands is written as all do. Anything else would be a change of what
  // the user entered.
  return /[\s\p{Cc}\\]|^https?:(?!\/\/)/iu.test(text) ? url.href : text;
}

/**
 * Like `readWebhookUrl`, for an address that n8n made.
 * @throws {UserInputError} if the result would be lost
 */
export function parseWebhookUrl(value: unknown, endpoints: Endpoints): URL {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') {
    throw new UserInputError(
      'Webhook URL is empty',
      'Copy the Production URL of a Baseten Trigger or Webhook node, or choose another Delivery.',
    );
  }
  const url = parseUrl(text);
  const isHttp = url?.protocol === 'http:' && isLoopback(url.hostname);
  if (!url || (url.protocol !== 'https:' && !isHttp)) {
    throw new UserInputError(
      `Webhook URL ${quoted(text)} can't be used`,
      'Baseten delivers to https:// addresses only. Put a certificate or tunnel in front of this n8n, and set N8N_WEBHOOK_URL to its address.',
    );
  }
  if (isBaseten(endpoints) && isPrivate(url.hostname)) {
    throw new UserInputError(
      `Webhook URL ${quoted(text)} can't be reached by Baseten`,
      'It names this machine or one in a private network, so the result would be lost. Put a tunnel or proxy with a public https address in front of this n8n, and set N8N_WEBHOOK_URL to that.',
    );
  }
  return url;
}

/**
 * Whether a host is this machine.
 * @param hostname as `URL.hostname` has it
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether it is Baseten that will deliver, and not a server of somebody's own. */
function isBaseten({ deploymentUrl }: Endpoints): boolean {
  return deploymentUrl === BASETEN_ENDPOINTS.deploymentUrl;
}

/** n8n's address for a workflow that listens in the editor, unless n8n was set to another one. */
function isTestUrl({ pathname }: URL): boolean {
  return pathname.split('/').includes('webhook-test');
}

/**
 * Whether a host is this machine or has an address or name that the public Internet doesn't know.
 * @param hostname as `URL.hostname` has it
 */
function isPrivate(hostname: string): boolean {
  if (hostname.startsWith('[')) return isPrivateIpv6(hostname.slice(1, -1));
  const name = hostname.replace(/\.$/, '');
  if (/^\d+(\.\d+){3}$/.test(name)) return isPrivateIpv4(name.split('.').map(Number));
  // A name without a dot is that of a container or of a machine next door.
  return !name.includes('.') || PRIVATE_NAMES.test(name);
}

/**
 * Endings of names that only a private network knows: they are kept for that, or routers use them.
 */
const PRIVATE_NAMES =
  /\.(?:local|internal|localhost|localdomain|lan|home|corp|intranet|private|home\.arpa|invalid)$/;

function isPrivateIpv4([a = 0, b = 0]: number[]): boolean {
  return (
    [0, 10, 127].includes(a) ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    a >= 224
  );
}

/** The first half of an IPv4 address that is mapped, compatible, translated, or in one of 6to4. */
const EMBEDDED_IPV4 = /^(?:::(?:ffff:(?:0:)?)?|64:ff9b::|2002:)([0-9a-f]{1,4}):/;

/** @param address as `URL` writes it: in small letters, the longest run of zeros left out */
function isPrivateIpv6(address: string): boolean {
  if (address === '::' || address === '::1') return true;
  const embedded = EMBEDDED_IPV4.exec(address)?.[1];
  if (embedded !== undefined) {
    const high = parseInt(embedded, 16);
    return isPrivateIpv4([high >> 8, high & 255]);
  }
  // Unique local, link-local, site-local and multicast.
  return /^(f[cd]|fe[89a-f]|ff)[0-9a-f]*:/.test(address);
}

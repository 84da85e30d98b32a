// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import { isRecord } from '../json';
import { parseUrl } from '../parseUrl';
import { MESSAGE_HEADER, sealMessage, type ToKeeper, type ToParent } from './messages';

/** How a message was answered. */
export interface Answer {
  /**
   * The HTTP status. `unreachable`: no connection, so it has not arrived. `unanswered`: it may have
   * arrived.
   */
  status: number | 'unreachable' | 'unanswered';
  /** The body, if it is a JSON object. n8n's own errors have a `code`. */
  json?: Record<string, unknown>;
}

/** Sends a message. It never throws. */
export type Post = (url: string, message: ToKeeper | ToParent, secret: string) => Promise<Answer>;

/** Milliseconds that an answer may take. n8n answers when it has recorded what the message did. */
const PATIENCE = 10_000;

/** Where this process itself takes requests, and what stands there before the execution's ID. */
let ownAddress: { origin: string; prefix: string } | undefined;

/** The part of a request that says where it came in. */
export interface Arrival {
  originalUrl?: string;
  socket?: { localAddress?: string; localPort?: number; encrypted?: boolean };
}

/**
 * Notes where this process takes requests, so that later messages need no public address, no proxy
 * and no way back in. If n8n serves TLS itself nothing is noted: its certificate is not for this
 * address.
 */
export function noteOwnAddress({ originalUrl = '', socket }: Arrival): void {
  const { localAddress = '', localPort, encrypted } = socket ?? {};
  // n8n also takes a slash at the end. Anybody can post that, so it must not count as a step.
  const steps = originalUrl
    .replace(/\?.*/s, '')
    .split('/')
    .filter((step) => step !== '');
  const prefix = ['', ...steps.slice(0, -2)].join('/');
  if (!localAddress || !localPort || encrypted === true) return;
  const address = localAddress.replace(/^::ffff:/i, '');
  const host = address.includes(':') ? `[${address}]` : address;
  ownAddress = { origin: `http://${host}:${localPort}`, prefix };
}

/**
 * Sends a message to an execution that waits: straight to this process if it is known where that
 * takes requests, otherwise to the address that n8n gave.
 */
export const post: Post = async (url, message, secret) => {
  const sealed = seal(message, secret);
  if (sealed === undefined) return { status: TOO_LARGE };
  const { body, signature } = sealed;
  const own = insideOf(url);
  const first = own === undefined ? undefined : await send(own, body, signature);
  const answer =
    first === undefined || first.status === 'unreachable'
      ? await send(url, body, signature)
      : first;
  return isTooLarge(answer, body) ? { status: TOO_LARGE } : answer;
};

/** What a message is answered that was refused for its size. */
const TOO_LARGE = 413;
/** Bytes from which on a message may be larger than `N8N_PAYLOAD_SIZE_MAX` says. */
const LARGE = 1_000_000;

/** n8n answers 500 to a message that is too large, as it does if anything else goes wrong. */
function isTooLarge({ status, json }: Answer, body: string): boolean {
  return status === 500 && json?.code === 0 && body.length > LARGE;
}

/** @returns nothing if the message can't be written: JavaScript reads deeper JSON than it writes */
function seal(...message: Parameters<typeof sealMessage>) {
  try {
    return sealMessage(...message);
  } catch {
    return undefined;
  }
}

/** The same address inside this process. A proxy may have changed what stands before the ID. */
function insideOf(url: string): string | undefined {
  const { pathname = '', search = '' } = parseUrl(url) ?? {};
  if (ownAddress === undefined || pathname === '') return undefined;
  const end = pathname.split('/').slice(-2).join('/');
  return `${ownAddress.origin}${ownAddress.prefix}/${end}${search}`;
}

async function send(url: string, body: string, signature: string): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', [MESSAGE_HEADER]: signature },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: response.status, json: parse(await response.text()) };
  } catch (error) {
    return { status: isUnconnected(error) ? 'unreachable' : 'unanswered' };
  }
}

/** Codes of errors that come before a request was sent. */
const UNCONNECTED =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|CERT|UNABLE_TO|CONNECT_TIMEOUT/;

function isUnconnected(error: unknown): boolean {
  const cause = isRecord(error) && isRecord(error.cause) ? error.cause : {};
  return UNCONNECTED.test(String(cause.code)) || cause.syscall === 'connect';
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

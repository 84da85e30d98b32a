// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import { createHmac, timingSafeEqual } from 'crypto';

import { isRecord } from '../json';
import type { AsyncResult } from '../webhook/verify';
import type { Outcome } from './outcome';

/**
 * What is said to the keeper, the sub-execution that keeps watch.
 * - `go`: work on. `turn` is how often the keeper had been awake when the message was planned.
 * - `keep`: results that have come, by the position of their item.
 * - `have`: which results do you have?
 * - `close`: the parent has all it needs; end.
 */
export type ToKeeper =
  | { kind: 'go'; turn: number }
  | { kind: 'keep'; results: Record<string, AsyncResult> }
  | { kind: 'have' }
  | { kind: 'close' };

/**
 * What is said to the parent, the execution of the Baseten node that waits.
 * - `probe`: are you parked? With `last` the keeper is about to end the wait with an error.
 * - `deliver`: here is what became of all items, in their order.
 */
export type ToParent = { kind: 'probe'; last: boolean } | { kind: 'deliver'; outcomes: Outcome[] };

/**
 * What a parent says of itself.
 * - `parked`: it waits. `holding`: items whose results this process has and the keeper not yet.
 * - `waking`: this process has begun to wake it.
 * - `taken`: it has all it needs, so the keeper can end.
 * - `gone`: it does not wait for this any more.
 */
export type ParentReply =
  { wait: 'parked'; holding: number[] } | { wait: 'waking' } | { wait: 'taken' } | { wait: 'gone' };

/** What a keeper says of itself: how far it is, and which items it has. */
export interface KeeperReply {
  wait: 'ready' | 'watching' | 'done';
  have: number[];
}

/** Header that makes a request a message between parent and keeper. It holds the signature. */
export const MESSAGE_HEADER = 'x-baseten-wait';

/** Query parameter of the address that Baseten posts to: which wait, and which item of it. */
const ADDRESS_PARAMETER = 'baseten_wait';

/** Where a result belongs. */
export interface Address {
  /** The wait: one run of a node. */
  run: string;
  /** Position of the item in the input. */
  item: number;
}

/**
 * Seals a message with the secret of a wait, which only its parent and its keeper know.
 * @returns the body to post, and its signature for the header
 */
export function sealMessage(
  message: ToKeeper | ToParent,
  secret: string,
): { body: string; signature: string } {
  const body = JSON.stringify(message);
  return { body, signature: macOf('message', body, secret).toString('hex') };
}

/**
 * Opens what `sealMessage` sealed. It never throws.
 * @param body raw bytes as they came
 * @param signature value of the header
 * @param secret of the wait that is asked; none if nothing waits
 * @returns nothing if it was not sealed with this secret
 */
export function openMessage<Message extends ToKeeper | ToParent>(
  body: unknown,
  signature: unknown,
  secret: string | undefined,
): Message | undefined {
  if (!Buffer.isBuffer(body) || secret === undefined) return undefined;
  if (!isMac(signature, macOf('message', body, secret))) return undefined;
  try {
    const message: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(message) ? (message as unknown as Message) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Adds to a parent's address which item a result is for, sealed with the secret of its wait.
 * @param url the parent's, with or without a query
 */
export function sealAddress(url: string, { run, item }: Address, secret: string): string {
  const mac = macOf('address', `${run}.${item}`, secret).toString('hex');
  return `${url}${url.includes('?') ? '&' : '?'}${ADDRESS_PARAMETER}=${run}.${item}.${mac}`;
}

/**
 * Reads which item a result is for. It never throws.
 * @param query of the delivery
 * @returns nothing if it was not sealed with this secret
 */
export function openAddress(
  query: Record<string, unknown> | undefined,
  secret: string,
): Address | undefined {
  const value = query?.[ADDRESS_PARAMETER];
  const [, run, item, mac] = (typeof value === 'string' && ADDRESS.exec(value)) || [];
  if (run === undefined || !isMac(mac, macOf('address', `${run}.${item}`, secret)))
    return undefined;
  return { run, item: Number(item) };
}

const ADDRESS = /^([0-9a-f]{1,64})\.(\d{1,6})\.([0-9a-f]{64})$/;

/** @param purpose so that the seal of an address can never be that of a message */
function macOf(purpose: 'message' | 'address', text: string | Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}\n`).update(text).digest();
}

function isMac(given: unknown, expected: Buffer): boolean {
  if (typeof given !== 'string' || !/^[0-9a-f]{64}$/.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, 'hex'), expected);
}

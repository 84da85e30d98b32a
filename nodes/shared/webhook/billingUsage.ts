import { createHash } from 'crypto';

import { isRecord } from '../json';

/** The `type` of what a Frontier Gateway posts when its customers have used it. */
const BILLING_USAGE = 'API_BILLING_USAGE';

/** One event of it, as it came. */
export interface BillingEvent {
  /** The same event always has the same one. */
  idempotencyKey?: unknown;
  [field: string]: unknown;
}

/**
 * Reads what a Frontier Gateway posts about the usage of its customers.
 * @param payload of a delivery, of any kind
 * @returns its events; nothing if it is something else
 * @see https://docs.baseten.co/inference/frontier-gateway/overview
 */
export function billingEventsIn(payload: unknown): BillingEvent[] | undefined {
  if (!isRecord(payload) || payload.type !== BILLING_USAGE) return undefined;
  const events = isRecord(payload.data) ? payload.data.events : undefined;
  return Array.isArray(events) ? events.filter(isRecord) : undefined;
}

/** What an event is known by when it comes again: its key, or without one all that it says. */
export function keyOfEvent(event: BillingEvent): string {
  const { idempotencyKey: key } = event;
  const isKey = (typeof key === 'string' && key !== '') || typeof key === 'number';
  return `usage ${isKey ? key : hash(JSON.stringify(event))}`;
}

/** A name for events that come together, so that the same ones have the same name. */
export function nameOfEvents(keys: string[]): string {
  return `usages ${hash(keys.join('\n'))}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

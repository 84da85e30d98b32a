import { Agent, request } from 'undici';
import { asyncPayload } from '../support/payload';
import { Random } from './random';

/** Milliseconds between two volleys. */
const TICK_MS = 20;
/** Most connections, and most requests without a response. */
const CONNECTIONS = 256;
const MOST_OPEN = 4_000;

/** The address that a flood comes from. Deliveries come from 127.0.0.1. */
const STRANGER = '127.0.0.66';

/** What came of a flood. */
export interface Flooded {
  /** Requests that were sent. */
  sent: number;
  /** Requests that were due, but too many were open. */
  heldBack: number;
  /** The statuses of the responses, and how often each came; 0 if there was none. */
  statuses: Map<number, number>;
}

/** What a flood is. */
export interface Flood {
  url: string;
  perSecond: number;
  milliseconds: number;
  seed: number;
}

/**
 * Posts what somebody without the secret can post, at a steady rate, without waiting for responses.
 * It runs in a process of its own, so that the deliveries that are genuine don't wait for it.
 */
export async function flood({ url, perSecond, milliseconds, seed }: Flood): Promise<Flooded> {
  const random = new Random(seed);
  const dispatcher = new Agent({ connections: CONNECTIONS, localAddress: STRANGER });
  const flooded: Flooded = { sent: 0, heldBack: 0, statuses: new Map() };
  let open = 0;
  const post = async () => {
    const { headers, body } = forgery(random);
    open++;
    flooded.sent++;
    const status = await request(url, { method: 'POST', headers, body, dispatcher }).then(
      async (response) => {
        await response.body.dump();
        return response.statusCode;
      },
      () => 0,
    );
    open--;
    flooded.statuses.set(status, (flooded.statuses.get(status) ?? 0) + 1);
  };
  const started = Date.now();
  let due = 0;
  while (Date.now() < started + milliseconds) {
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    for (const all = ((Date.now() - started) / 1000) * perSecond; due < all; due++) {
      if (open < MOST_OPEN) void post();
      else flooded.heldBack++;
    }
  }
  await dispatcher.destroy();
  return flooded;
}

/** Request IDs of forged results begin with it. */
export const FORGED = 'forged-';

function forgery(random: Random): { headers: Record<string, string>; body: string } {
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify(
    asyncPayload({ request_id: `${FORGED}${Math.floor(random.between(0, 1e9))}` }),
  );
  const forged = (signature: string) => ({ ...json, 'x-baseten-signature': signature });
  return random.one([
    { headers: json, body: '{}' },
    { headers: json, body },
    { headers: forged(`v1=${'0'.repeat(64)}`), body },
    { headers: forged(`v1=${'0'.repeat(64)},`.repeat(20)), body },
  ]);
}

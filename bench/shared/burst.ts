import { Agent, request } from 'undici';
import { signatureHeader } from '../../emulator';

/**
 * Milliseconds that Baseten waits for the response to a delivery.
 * https://docs.baseten.co/inference/async
 */
export const RESPONSE_WITHIN_MS = 10_000;

/** Results to deliver, all at the same moment. */
export interface Burst {
  url: string;
  /** The webhook secret that signs them. */
  secret: string;
  /** One for each result. */
  requestIds: string[];
  /** What the model returned, the same in each result. */
  data: object;
}

/** How one delivery went. */
export interface Sent {
  /** The status of the response; undefined if none came in time. */
  status?: number;
  /** Milliseconds until the response, or until the delivery was given up. */
  ms: number;
}

/** What the deliveries of a burst come to. */
export interface BurstFigures {
  /** Deliveries that got a 200 in time. */
  answered: number;
  /** Deliveries answered in time, per second. */
  perSecond: number;
  /** Milliseconds until the last response, or until a delivery was given up. */
  slowestMs: number;
}

/** Delivers results the way Baseten does. Every burst begins without open connections. */
export async function sendBurst({ url, secret, requestIds, data }: Burst): Promise<Sent[]> {
  // Made and signed before the clock runs.
  const deliveries = requestIds.map((requestId) => {
    const body = Buffer.from(JSON.stringify(deliveryOf(requestId, data)));
    const headers = {
      'content-type': 'application/json',
      'x-baseten-request-id': requestId,
      'x-baseten-signature': signatureHeader(body, [secret]),
    };
    return { body, headers };
  });
  const dispatcher = new Agent();
  const start = performance.now();
  const send = async ({ body, headers }: (typeof deliveries)[0]): Promise<Sent> => {
    const status = await statusOf(url, { method: 'POST', headers, body, dispatcher });
    return { status, ms: performance.now() - start };
  };
  const sent = await Promise.all(deliveries.map(send));
  await dispatcher.destroy();
  return sent;
}

/** Returns what the deliveries of a burst come to. */
export function burstFigures(sent: Sent[]): BurstFigures {
  const inTime = sent.filter(({ status }) => status === 200);
  const lastMs = Math.max(0, ...inTime.map(({ ms }) => ms));
  return {
    answered: inTime.length,
    perSecond: lastMs > 0 ? (inTime.length / lastMs) * 1000 : 0,
    slowestMs: Math.max(...sent.map(({ ms }) => ms)),
  };
}

function deliveryOf(requestId: string, data: object) {
  return {
    request_id: requestId,
    model_id: 'abcd1234',
    deployment_id: 'efgh567',
    type: 'async_request_completed',
    time: new Date().toISOString(),
    data,
    errors: [],
  };
}

async function statusOf(
  url: string,
  options: NonNullable<Parameters<typeof request>[1]>,
): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(RESPONSE_WITHIN_MS);
    const response = await request(url, { ...options, signal });
    await response.body.dump();
    return response.statusCode;
  } catch {
    return undefined;
  }
}

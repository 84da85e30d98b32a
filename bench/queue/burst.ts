import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { signatureHeader } from '../../emulator';
import type { Answers } from './types';

/** As long as Baseten waits for an answer. */
const TIMEOUT_MS = 10_000;

/** Sends `count` signed results of `bytes` bytes of data each at the same time, once. */
export async function sendBurst(
  url: string,
  secret: string,
  count: number,
  bytes: number,
): Promise<Answers> {
  const data = 'x'.repeat(bytes);
  // Made and signed before the clock runs.
  const deliveries = Array.from({ length: count }, () => {
    const requestId = randomUUID().replaceAll('-', '');
    const body = Buffer.from(
      JSON.stringify({
        request_id: requestId,
        model_id: 'abcd1234',
        deployment_id: 'efgh567',
        type: 'async_request_completed',
        time: new Date().toISOString(),
        data: { output: data },
        errors: [],
      }),
    );
    const headers = {
      'content-type': 'application/json',
      'x-baseten-request-id': requestId,
      'x-baseten-signature': signatureHeader(body, [secret]) as string,
    };
    return { body, headers };
  });
  const dispatcher = new Agent({ keepAliveTimeout: 1_000 });
  const start = performance.now();
  const sent = await Promise.all(
    deliveries.map(async ({ body, headers }) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const status = await request(url, { method: 'POST', headers, body, signal, dispatcher }).then(
        async (answer) => {
          await answer.body.dump();
          return answer.statusCode;
        },
        () => undefined,
      );
      return { status, ms: performance.now() - start };
    }),
  );
  await dispatcher.destroy();
  const inTime = sent.filter(({ status }) => status === 200);
  const lastMs = Math.max(0, ...inTime.map(({ ms }) => ms));
  return {
    deliveries: count,
    answered: inTime.length,
    perSecond: lastMs > 0 ? (inTime.length / lastMs) * 1_000 : 0,
    slowestMs: Math.max(...sent.map(({ ms }) => ms)),
  };
}

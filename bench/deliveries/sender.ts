import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Job, Sent } from './types';

/**
 * Delivers results the way Baseten does, in a process of its own, so that measuring and sending don't wait
 * for each other. Gets a `Job` as a message, answers with what came of each delivery.
 */
const agent = new Agent({ keepAliveTimeout: 4_000 });

process.on('message', (job: Job) => {
  // Made and signed before the clock runs.
  const deliveries = job.requestIds.map((id) => makeDelivery(id, job.secret));
  const started = performance.now();
  const sending = deliveries.map(async ({ body, headers }): Promise<Sent> => {
    const status = await send(job, body, headers);
    return { status, ms: performance.now() - started };
  });
  void Promise.all(sending).then((sent) => process.send?.(sent));
});

// Goes with the process that started it.
process.on('disconnect', () => process.exit());

function makeDelivery(requestId: string, secret: string) {
  const body = JSON.stringify({
    request_id: requestId,
    model_id: 'abcd1234',
    deployment_id: 'efgh567',
    type: 'async_request_completed',
    time: new Date().toISOString(),
    data: { label: 'positive', score: 0.98, text: 'x'.repeat(500) },
    errors: [],
  });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'x-baseten-request-id': requestId,
    'x-baseten-signature': `v1=${signature}`,
  };
  return { body, headers };
}

async function send(
  { url, timeoutMs }: Job,
  body: string,
  headers: Record<string, string>,
): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher: agent });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    return undefined;
  }
}

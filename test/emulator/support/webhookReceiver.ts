import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onStop } from './stopping';

/** A request as the receiver got it. */
export interface ReceivedRequest {
  headers: Record<string, string | string[] | undefined>;
  method: string;
  body: Buffer;
}

/** A status to respond with; `'silent'` never responds, `'reset'` resets the connection. */
export type PlannedResponse = number | 'silent' | 'reset';

/** A running webhook receiver. */
export interface WebhookReceiver {
  url: string;
  /** What it has received, oldest first. */
  received: ReceivedRequest[];
}

/**
 * Starts a webhook receiver on a free port. `stopAll` closes it.
 * @param responses Its responses, in order; after the last one it responds with 200.
 */
export async function startReceiver(responses: PlannedResponse[] = []): Promise<WebhookReceiver> {
  const planned = [...responses];
  const received: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers, method = '' } = request;
      received.push({ headers, method, body: Buffer.concat(chunks) });
      const next = planned.shift() ?? 200;
      if (next === 'reset') request.socket.destroy();
      else if (next !== 'silent') response.writeHead(next).end('noted');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onStop(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

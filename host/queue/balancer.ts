import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * A load balancer in front of the webhook processors. Each request goes to the next of them in
 * turn.
 */
export interface Balancer {
  /** What URLs of webhooks begin with. */
  url: string;
  /** The ports of the backends, which may change at any time. */
  backends: number[];
  /** How many responses each backend has given, by its port. */
  responses: Map<number, number>;
  close(): Promise<void>;
}

/**
 * Starts one on a free loopback port. A request must not run twice, so it goes on to the next
 * backend only if no connection could be opened. If a connection breaks later, the caller gets a
 * 502.
 */
export async function startBalancer(): Promise<Balancer> {
  // A connection that is kept open could be closed by the backend just when it is used again.
  const agent = new Agent({ keepAlive: false });
  const backends: number[] = [];
  const responses = new Map<number, number>();
  let turn = 0;

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await buffer(incoming);
    const first = turn++;
    const order = backends.map((_, index) => backends[(first + index) % backends.length] as number);
    for (const port of order) {
      try {
        const response = await forward(port, incoming, body);
        responses.set(port, (responses.get(port) ?? 0) + 1);
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
        response.once('error', () => outgoing.destroy());
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') break;
      }
    }
    outgoing.writeHead(502).end();
  };
  const forward = async (
    port: number,
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<IncomingMessage> =>
    await new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port, method, path: url, headers, agent };
      request(to, resolve).once('error', reject).end(body);
    });

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The balancer has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    backends,
    responses,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

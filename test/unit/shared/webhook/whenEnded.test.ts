import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { HttpReply } from '../../../../nodes/shared/webhook/delivery';
import { whenEnded } from '../../../../nodes/shared/webhook/whenEnded';

test.each([true, false])(
  'the status is told once when a response ends, although its client went away: %s',
  async (goesAway) => {
    const statuses: number[] = [];
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = request({ port, host: '127.0.0.1', method: 'POST' }).on('error', () => {});
    client.end();
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    whenEnded(response as unknown as HttpReply, (status) => statuses.push(status));
    if (goesAway) {
      client.destroy();
      await once(response, 'close');
    }
    response.statusCode = 503;
    response.end('{}');
    response.end();
    expect(statuses).toStrictEqual([503]);
    client.destroy();
    server.close();
  },
);

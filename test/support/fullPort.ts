import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A port on loopback that drops whatever should open a connection, as a firewall does. */
export interface FullPort {
  /** `127.0.0.1:` and the port. */
  host: string;
  close(): void;
}

/**
 * A process that listens and then does nothing more, so that its queue of connections fills up and
 * stays full.
 */
const FROZEN = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    process.send(server.address().port, () =>
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600_000));
  });
`;

/** How many connections are tried to fill the queue: it takes one or two more than its length. */
const FILLERS = 8;

/** Makes a port whose queue of connections is full. */
export async function fullPort(): Promise<FullPort> {
  const child = fork('-', { execArgv: ['-e', FROZEN], silent: true });
  const [port] = (await once(child, 'message')) as [number];
  const fillers: Socket[] = [];
  for (let count = 0; count < FILLERS; count++) {
    fillers.push(connect(port, '127.0.0.1').on('error', () => undefined));
  }
  // What is still connecting after this was dropped.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    host: `127.0.0.1:${port}`,
    close() {
      fillers.forEach((socket) => socket.destroy());
      child.kill('SIGKILL');
    },
  };
}

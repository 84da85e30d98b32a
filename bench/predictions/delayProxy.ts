import { createConnection, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

/**
 * A network that is far away: passes TCP on to a port on loopback, each byte later by the same time in either
 * direction. Opening a connection takes a round trip too, as it would over a wire.
 * Prints its port when it is ready.
 */
const { values } = parseArgs({
  options: { to: { type: 'string' }, 'each-way': { type: 'string' } },
});
const [target, eachWayMs] = [Number(values.to), Number(values['each-way'])];

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = createConnection({
    host: '127.0.0.1',
    port: target,
    allowHalfOpen: true,
    noDelay: true,
  });
  // The kernel answers at once: what the client says first has in truth waited for the handshake.
  pass(near, far, performance.now() + 2 * eachWayMs);
  pass(far, near, 0);
});

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.once('SIGTERM', () => process.exit());

/** Hands on what comes from one side to the other, in order, and its end. Nothing leaves before `openAt`. */
function pass(from: Socket, to: Socket, openAt: number): void {
  const queue: Array<{ due: number; act: () => void }> = [];
  const enqueue = (act: () => void) => {
    queue.push({ due: Math.max(performance.now(), openAt) + eachWayMs, act });
    if (queue.length === 1) setTimeout(work, eachWayMs);
  };
  const work = () => {
    for (let next = queue[0]; next; next = queue[0]) {
      const wait = next.due - performance.now();
      // A timer may be early by less than a millisecond.
      if (wait >= 1) return void setTimeout(work, wait);
      next.act();
      queue.shift();
    }
  };
  from.on('data', (chunk) => enqueue(() => to.writable && to.write(chunk)));
  from.on('end', () => enqueue(() => to.end()));
  from.on('error', () => enqueue(() => to.destroy()));
  from.on('close', () => enqueue(() => to.destroy()));
}

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { selfSigned } from '../../host/emulator/certificate';
import { type EmulatorProcess, startEmulatorProcess } from '../../host/emulator/emulatorProcess';
import { temporaryFolder } from '../../host/temporaryFolder';
import { ForkedTask } from '../../host/forkedTask';

/** An emulator with TLS and one without, both also behind a delay, each in a process of its own. */
export interface Network {
  /** The certificate that clients have to trust. */
  certFile: string;
  withTls: EmulatorProcess;
  withoutTls: EmulatorProcess;
  /** Returns the URLs of both emulators behind that delay, in milliseconds each way. */
  urls(eachWayMs: number): { url: string; clearUrl: string };
  close(): Promise<void>;
}

/** Opens a network. @param eachWayMs the delays to offer on top of none, in milliseconds */
export async function openNetwork(eachWayMs: number[]): Promise<Network> {
  const folder = await temporaryFolder('bench');
  const closing: Array<() => Promise<void>> = [folder.remove];
  const close = async () => {
    for (const one of closing.reverse()) await one();
  };
  try {
    const identity = await selfSigned();
    const certFile = join(folder.path, 'cert.pem');
    await writeFile(certFile, identity.cert);
    const withTls = await startEmulatorProcess(identity);
    closing.push(withTls.stop);
    const withoutTls = await startEmulatorProcess();
    closing.push(withoutTls.stop);
    const near = { url: withTls.url, clearUrl: withoutTls.url };
    const far = new Map<number, typeof near>();
    for (const delay of new Set(eachWayMs.filter((ms) => ms > 0))) {
      const behind = async ({ port }: EmulatorProcess) => {
        const proxy = new ForkedTask<Delay, number>(__filename, 'openDelayProxy');
        closing.push(() => proxy.close());
        return (await proxy.run({ port, eachWayMs: delay })).result;
      };
      far.set(delay, {
        url: `https://127.0.0.1:${await behind(withTls)}`,
        clearUrl: `http://127.0.0.1:${await behind(withoutTls)}`,
      });
    }
    return { certFile, withTls, withoutTls, urls: (delay) => far.get(delay) ?? near, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Closes the connections that a run left open, and waits until both sides have noticed. */
export async function closeConnections(
  emulator: EmulatorProcess,
  eachWayMs: number,
): Promise<void> {
  await emulator.closeIdle();
  await pause(50 + 4 * eachWayMs);
}

/** A port on loopback that is to seem far away. */
export interface Delay {
  port: number;
  /** Milliseconds that bytes take in each direction. */
  eachWayMs: number;
}

/**
 * Opens a port on loopback that passes TCP on to another one, like a network that is far away: each
 * byte arrives later by the same time, in both directions. Opening a connection takes a round trip,
 * too, as it would over a wire. Returns the port. It is open until the process ends.
 */
export async function openDelayProxy({ port, eachWayMs }: Delay): Promise<number> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    // The kernel accepts at once. Over a wire the client's first bytes wait for the handshake.
    passOn(near, far, { eachWayMs, openAt: performance.now() + 2 * eachWayMs });
    passOn(far, near, { eachWayMs, openAt: 0 });
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/**
 * Passes on what comes from one side to the other, in order, and its end. Nothing leaves before
 * `openAt`.
 */
function passOn(
  from: Socket,
  to: Socket,
  { eachWayMs, openAt }: { eachWayMs: number; openAt: number },
): void {
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

import { createServer } from 'node:net';
import { Problem } from './problem';

const LOOPBACK = '127.0.0.1';

/** A loopback port that is free now. */
export async function freePort(): Promise<number> {
  return await listen(0);
}

/**
 * Returns the port, if one can listen on it.
 * @param optionName the option with which a person chooses another port
 * @throws {Problem} if it is in use, can't be used, or isn't a port
 */
export async function requireFree(wanted: number | string, optionName: string): Promise<number> {
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Problem(`${optionName} takes a port number from 1 to 65535, not "${wanted}".`);
  }
  try {
    return await listen(port);
  } catch (error) {
    const busy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const why = busy ? 'is already in use' : `can't be used (${(error as Error).message})`;
    throw new Problem(
      `Port ${port} ${why}: stop what uses it, or give another with ${optionName}.`,
    );
  }
}

async function listen(port: number): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address ? address.port : port;
      server.close(() => resolve(taken));
    });
  });
}

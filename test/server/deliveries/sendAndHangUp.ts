import { createConnection } from 'node:net';
import { type Emulator, signatureHeader } from '../../../emulator';

/** Sends a genuine delivery and hangs up as soon as it is out, without waiting for the response. */
export async function sendAndHangUp(emulator: Emulator, url: string, body: object): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const bytes = Buffer.from(JSON.stringify(body));
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
    `X-Baseten-Signature: ${signatureHeader(bytes, emulator.webhookSecrets)}`,
  ];
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection(Number(port), hostname);
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]), () =>
      socket.destroy(),
    );
  });
}

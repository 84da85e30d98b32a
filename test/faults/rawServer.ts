import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A request as it came in. */
export interface SeenRequest {
  method: string;
  /** Path and query. */
  target: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/**
 * What a raw server does with a request whose last byte has come.
 * @param socket the connection, for whatever bytes
 * @param attempt 0 for the first request, 1 for the next one
 */
export type Respond = (socket: Socket, request: SeenRequest, attempt: number) => void;

/** A server on loopback that sends bytes as a test gives them, whether they are HTTP or not. */
export interface RawServer {
  /** `127.0.0.1:` and the port. */
  host: string;
  /** The requests that came in whole. */
  seen: SeenRequest[];
  close(): Promise<void>;
}

const TLS_HANDSHAKE = 22;

/**
 * Starts a raw server.
 * @param respond is called for each request
 * @param tls certificate and key, if the server speaks TLS
 */
export async function startRawServer(respond: Respond, tls?: TlsOptions): Promise<RawServer> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    // Whoever gives up a request resets its connection.
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      // The first byte of a TLS handshake, at a port that does not speak TLS.
      if (bytes[0] === TLS_HANDSHAKE) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      const request = readRequest(bytes);
      if (!request) return;
      bytes = Buffer.alloc(0);
      respond(socket, request, seen.push(request) - 1);
    });
  };
  const server: Server = tls ? createTlsServer(tls, serve) : createServer(serve);
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

/** @returns nothing if the request is not whole yet */
function readRequest(bytes: Buffer): SeenRequest | undefined {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  ) as Record<string, string>;
  const rest = text.slice(end + 4);
  if (headers['transfer-encoding']) {
    return rest.endsWith('0\r\n\r\n')
      ? { method, target, headers, body: unchunked(rest) }
      : undefined;
  }
  const length = Number(headers['content-length'] ?? 0);
  return rest.length >= length ? { method, target, headers, body: rest } : undefined;
}

function unchunked(text: string): string {
  let body = '';
  for (let at = 0; ;) {
    const line = text.indexOf('\r\n', at);
    const size = parseInt(text.slice(at, line), 16);
    if (!size) return body;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}

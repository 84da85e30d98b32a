import { type RequestListener, type Server, createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Socket } from 'node:net';
import { type TLSSocket, createServer as createTlsServer } from 'node:tls';

/** How every HTTP/2 connection begins that wasn't negotiated by TLS. */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0');

/** A private key and its certificate, as PEM text. */
export interface TlsIdentity {
  key: string;
  cert: string;
}

/** A server that speaks HTTP/1.1 and HTTP/2 on one port, and its open connections. */
export interface BothVersions {
  server: Server;
  /** Cuts every connection, and each new one at once. */
  cutConnections(): void;
}

/**
 * Baseten speaks HTTP/2, and its own performance client speaks nothing else, over plain http without asking.
 * So without TLS the first bytes of a connection decide which of the two servers gets it; with TLS the client
 * says what it wants in the handshake.
 */
export function serveBothVersions(
  handler: RequestListener,
  onConnection: () => void,
  tls?: TlsIdentity,
): BothVersions {
  const server = createServer(handler);
  const http2 = createHttp2Server();
  // Node's compatibility API: these have the methods of HTTP/1's requests and responses.
  http2.on('request', (request, response) => handler(request as never, response as never));
  http2.on('sessionError', () => undefined);
  const takeHttp1 = server.listeners('connection') as Array<(socket: Socket) => void>;
  server.removeAllListeners('connection');
  const hand: Hand = (socket, isHttp2) => {
    if (isHttp2) http2.emit('connection', socket);
    else for (const take of takeHttp1) take.call(server, socket);
  };
  const take = tls
    ? takeByHandshake(tls, hand)
    : (socket: Socket) => takeByFirstBytes(socket, hand);
  const sockets = new Set<Socket>();
  let isClosing = false;

  server.on('connection', (socket: Socket) => {
    if (isClosing) return socket.destroy();
    onConnection();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    take(socket);
    return undefined;
  });

  return {
    server,
    cutConnections: () => {
      isClosing = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Gives a connection to the server of its HTTP version. */
type Hand = (socket: Socket, isHttp2: boolean) => void;

function takeByHandshake(identity: TlsIdentity, hand: Hand): (socket: Socket) => void {
  const tls = createTlsServer({ ...identity, ALPNProtocols: ['h2', 'http/1.1'] });
  // A client that doesn't trust the certificate goes away; that is its own business.
  tls.on('tlsClientError', () => undefined);
  tls.on('secureConnection', (socket: TLSSocket) => hand(socket, socket.alpnProtocol === 'h2'));
  return (socket) => void tls.emit('connection', socket);
}

function takeByFirstBytes(socket: Socket, hand: Hand): void {
  // Until a server has it, nobody else listens; a client that resets must not end the process.
  const ignore = () => undefined;
  socket.on('error', ignore);
  socket.once('data', (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    socket.off('error', ignore);
    const start = HTTP2_PREFACE.subarray(0, first.length);
    hand(socket, first.subarray(0, HTTP2_PREFACE.length).equals(start));
    process.nextTick(() => socket.resume());
  });
}

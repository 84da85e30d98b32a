import { type RequestListener, type Server, createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Socket } from 'node:net';
import { type TLSSocket, createServer as createTlsServer } from 'node:tls';

/** The first bytes of an HTTP/2 connection that TLS did not negotiate. */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0');

/** A private key and its certificate, as PEM text. */
export interface TlsIdentity {
  key: string;
  cert: string;
}

/** A server that speaks HTTP/1.1 and HTTP/2 on one port, and its open connections. */
export interface BothVersions {
  server: Server;
  /** Cuts every connection, and from then on each new one as soon as it opens. */
  cutConnections(): void;
}

/**
 * A server for HTTP/1.1 and HTTP/2 on one port. With TLS, the client chooses the version in the
 * handshake. Without TLS, the first bytes of a connection tell: Baseten's own performance client
 * speaks HTTP/2 over plain http without asking.
 * @param onConnection Called for each TCP connection that is accepted.
 */
export function serveBothVersions(
  handler: RequestListener,
  onConnection: () => void,
  tls?: TlsIdentity,
): BothVersions {
  const server = createServer(handler);
  const http2 = createHttp2Server();
  // Node's compatibility API gives these the methods of HTTP/1's requests and responses.
  http2.on('request', (request, response) => handler(request as never, response as never));
  http2.on('sessionError', () => undefined);
  const takeHttp1 = server.listeners('connection') as Array<(socket: Socket) => void>;
  server.removeAllListeners('connection');
  const handOver: HandOver = (socket, isHttp2) => {
    if (isHttp2) http2.emit('connection', socket);
    else for (const take of takeHttp1) take.call(server, socket);
  };
  const take = tls
    ? takeByHandshake(tls, handOver)
    : (socket: Socket) => takeByFirstBytes(socket, handOver);
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
type HandOver = (socket: Socket, isHttp2: boolean) => void;

function takeByHandshake(identity: TlsIdentity, handOver: HandOver): (socket: Socket) => void {
  const tls = createTlsServer({ ...identity, ALPNProtocols: ['h2', 'http/1.1'] });
  // A client that doesn't trust the certificate leaves: not an error of the server.
  tls.on('tlsClientError', () => undefined);
  tls.on('secureConnection', (socket: TLSSocket) => handOver(socket, socket.alpnProtocol === 'h2'));
  return (socket) => void tls.emit('connection', socket);
}

function takeByFirstBytes(socket: Socket, handOver: HandOver): void {
  // Neither server listens for errors yet, and a client's reset would end the process.
  const ignore = () => undefined;
  socket.on('error', ignore);
  socket.once('data', (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    socket.off('error', ignore);
    const start = HTTP2_PREFACE.subarray(0, first.length);
    handOver(socket, first.subarray(0, HTTP2_PREFACE.length).equals(start));
    process.nextTick(() => socket.resume());
  });
}

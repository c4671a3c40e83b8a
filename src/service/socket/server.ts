import { renameSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Rampart } from '../../model/index.ts';
import { serveConnection } from './connection.ts';
import type { HandoverAnswer, Welcome } from './protocol.ts';
import { inodeOf, listen, unlinkIfPresent } from './unix-socket.ts';

export interface SocketServerOptions {
  readonly socketPath: string;
  readonly rampart: Rampart;
  readonly welcome: Welcome;
  /** Called with the number of clients (peers that shook hands) whenever it changes. */
  readonly onClients: (count: number) => void;
  readonly onHandover: () => HandoverAnswer;
}

export interface SocketServer {
  /** False when the socket's file is gone or another's: nobody can find us any more. */
  isReachable(): boolean;
  /** Ends every connection and removes the socket. */
  close(): Promise<void>;
  /** The part of `close` that needs no event loop: takes the socket's file away. */
  remove(): void;
}

/** More peers than any machine has agents; a runaway client must not take all file descriptors. */
const MAX_CONNECTIONS = 512;
/** What a peer gets to read its last answer before its connection is cut. */
const LAST_WORDS_MS = 200;

/**
 * Listens for clients. Only the holder of the lock may call this: it replaces whatever is at `socketPath`. The socket is
 * bound under another name and renamed, so that a client finds one that answers, or none.
 */
export async function openSocketServer(options: SocketServerOptions): Promise<SocketServer> {
  const { socketPath, onClients } = options;
  const sockets = new Set<Socket>();
  let clients = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let isClient = false;
    serveConnection(socket, {
      rampart: options.rampart,
      welcome: options.welcome,
      onHandover: options.onHandover,
      onWelcomed: () => {
        isClient = true;
        onClients((clients += 1));
      },
    });
    socket.once('close', () => {
      sockets.delete(socket);
      if (isClient) onClients((clients -= 1));
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  // accept() fails when descriptors run out; the peer is refused and the service goes on.
  server.on('error', () => undefined);

  const windows = process.platform === 'win32';
  const bindPath = windows ? socketPath : `${socketPath}.new`;
  if (!windows) unlinkIfPresent(bindPath);
  await listen(server, bindPath);
  if (!windows) renameSync(bindPath, socketPath);
  const inode = windows ? null : inodeOf(socketPath);
  const isReachable = (): boolean => windows || inodeOf(socketPath) === inode;
  const remove = (): void => {
    if (!windows && isReachable()) unlinkIfPresent(socketPath);
  };

  return {
    isReachable,
    remove,
    close: async () => {
      remove();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.end();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, LAST_WORDS_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

import { chmodSync, statSync, unlinkSync } from 'node:fs';
import { createConnection, type Server } from 'node:net';
import { RampartError } from '../../model/index.ts';

/** Bytes of `sun_path` without its end mark: Linux unix(7), xnu's sys/un.h. A longer path would be cut silently. */
const MAX_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/** Listens at `path`, closed to other users; resolves when connections are really accepted. */
export function listen(server: Server, path: string): Promise<void> {
  if (process.platform !== 'win32' && Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new RampartError(
      'bad-config',
      `the socket path ${path} is longer than the ${MAX_PATH_BYTES} bytes that the system allows`,
      'Set RAMPART_RUNTIME_DIR to a shorter directory.',
    );
  }
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => {
      reject(
        new RampartError(
          'io',
          `cannot listen at ${path}: ${cause.message}`,
          'See `rampart doctor` for the cause.',
          cause,
        ),
      );
    };
    server.once('error', failed);
    server.listen({ path }, () => {
      server.off('error', failed);
      try {
        if (process.platform !== 'win32') chmodSync(path, 0o600);
        resolve();
      } catch (cause) {
        server.close();
        failed(cause as Error);
      }
    });
  });
}

/** Long enough for any live peer on a busy machine: a unix connect is answered by the kernel, not by the peer. */
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Whether some process listens at `path`. The kernel answers, so a frozen peer is alive, a killed one is dead at once,
 * and a reused pid proves nothing: that is why liveness is asked here and not of a pid in a file.
 */
export function probe(path: string): Promise<'alive' | 'dead' | 'absent'> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    const done = (answer: 'alive' | 'dead' | 'absent'): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => done('alive'));
    socket.once('connect', () => done('alive'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') done('absent');
      // Only a refusal proves that nobody listens: EAGAIN is a full backlog, EACCES somebody else's socket.
      else done(error.code === 'ECONNREFUSED' || error.code === 'ENOTSOCK' ? 'dead' : 'alive');
    });
  });
}

/** Removes a file that may be gone already. */
export function unlinkIfPresent(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
}

/** The inode behind a path, to see that it is still the one that we put there. */
export function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

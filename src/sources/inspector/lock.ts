import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RampartError } from '../../model/index.ts';

/** Another Rampart holds it for a second as a rule. */
const WAIT_MS = 5_000;
const POLL_MS = 25;

/** `subject`: the port, or where a process takes any port, the process. */
export const lockName = (subject: number | string): string => `rampart-inspector-${subject}`;

/**
 * One at a time on this machine: every Node process opens its inspector at the same default port. The lock is a UNIX
 * socket in Linux's abstract namespace, which reaches exactly as far as the port does (the network namespace, across
 * users), lies in no directory that somebody could tamper with, and is gone when its holder is.
 */
export async function takeMachineLock(name: string): Promise<() => Promise<void>> {
  const deadlineMs = performance.now() + WAIT_MS;
  for (;;) {
    const server = await listen(`\0${name}`);
    if (server !== null) return () => new Promise((resolve) => void server.close(() => resolve()));
    if (performance.now() > deadlineMs) {
      throw new RampartError(
        'service-busy',
        'another Rampart on this machine looks into a process',
        'Only one can at a time, since inspectors share a port: try again in a few seconds.',
      );
    }
    await sleep(POLL_MS);
  }
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else
        reject(
          new RampartError('io', `the machine-wide lock failed: ${error.message}`, 'Run `rampart doctor`.', error),
        );
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

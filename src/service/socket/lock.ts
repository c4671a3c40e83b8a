/**
 * Election of the one service of a user on a machine: Lamport's bakery, with sockets for tickets.
 *
 * A lock file with a pid in it has a hole: between "its holder is dead" and "I replace it" somebody else may have
 * replaced it already, and two believe that they hold it. Here nobody ever replaces another's file. Every candidate
 * listens at a socket whose name is its own (`choosing-PID-RANDOM.lock`), looks at the tickets there are, and renames
 * the socket to a number above all of them (`NUMBER-PID-RANDOM.lock`). It waits until nobody is choosing any more; then
 * the lowest live number is the holder, and everybody else withdraws. Alive is who accepts a connection: the kernel
 * answers that, at once after kill -9 too, and regardless of reused pids and pid namespaces. Files of the dead may be
 * removed by anyone, because no live candidate ever has the name of a dead one.
 *
 * Why it is safe: take two winners P and Q. If Q was choosing when P looked, P waited for Q's ticket. If Q began to
 * choose later, P's ticket was there already and Q took a higher one. Choosers are listed before tickets, so a rename in
 * between is seen under one name or the other. A chooser that has bound but not yet listens looks dead; it then finds its
 * file gone at the rename and starts again, with P's ticket in view.
 */
import { readdirSync, renameSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RampartError } from '../../model/index.ts';
import { inodeOf, listen, probe, unlinkIfPresent } from './unix-socket.ts';

export interface Lock {
  /** Name of the lock's file: `NUMBER-PID-RANDOM.lock`. */
  readonly name: string;
  /** False when somebody removed our file (a cleaner, a logout): others can be elected now, so the holder must leave. */
  isHeld(): boolean;
  release(): Promise<void>;
  /** The part of `release` that needs no event loop: takes the file away. */
  remove(): void;
}

const TICKET = /^(\d{1,9})-\d+-[0-9a-f]+\.lock$/;
const CHOOSING = /^choosing-\d+-[0-9a-f]+\.lock$/;

/** Choosing takes a few system calls; only a candidate that was stopped in the middle takes longer. */
const CHOOSING_DEADLINE_MS = 5_000;
const POLL_MS = 2;

/** The lock, or null when another process holds it. `dir` must be a checked runtime directory. */
export async function elect(dir: string): Promise<Lock | null> {
  if (process.platform === 'win32') return electOnWindows(dir);
  const candidate = await becomeCandidate(dir);
  let won = false;
  try {
    await untilNobodyChooses(dir);
    won = await isLowest(dir, candidate.name);
  } finally {
    if (!won) await candidate.release();
  }
  return won ? candidate : null;
}

async function becomeCandidate(dir: string): Promise<Lock> {
  // A second loss of the same microseconds is next to impossible; a hundred mean that something removes our files.
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const candidate = await takeTicket(dir);
    if (candidate !== null) return candidate;
  }
  throw new RampartError(
    'io',
    `something removes our files from ${dir}`,
    'Set RAMPART_RUNTIME_DIR to another directory.',
  );
}

async function takeTicket(dir: string): Promise<Lock | null> {
  const id = `${process.pid}-${randomBytes(3).toString('hex')}`;
  const choosing = join(dir, `choosing-${id}.lock`);
  const server = createServer((socket) => socket.destroy());
  let path: string;
  let name: string;
  try {
    await listen(server, choosing);
    name = `${highestTicket(dir) + 1}-${id}.lock`;
    path = join(dir, name);
    renameSync(choosing, path);
  } catch (error) {
    await close(server);
    if (isGone(error)) return null;
    throw error;
  }
  server.unref();
  const inode = inodeOf(path);
  return {
    name,
    isHeld: () => inode !== null && inodeOf(path) === inode,
    remove: () => unlinkIfPresent(path),
    release: async () => {
      unlinkIfPresent(path);
      await close(server);
    },
  };
}

/** Our file was taken for a dead one's, in the instant between bind and listen. */
function isGone(error: unknown): boolean {
  const cause = error instanceof RampartError ? error.cause : error;
  return (cause as NodeJS.ErrnoException).code === 'ENOENT';
}

async function untilNobodyChooses(dir: string): Promise<void> {
  const deadline = performance.now() + CHOOSING_DEADLINE_MS;
  for (;;) {
    const names = readdirSync(dir).filter((name) => CHOOSING.test(name));
    const alive = await removeDead(dir, names);
    if (alive.length === 0) return;
    if (performance.now() > deadline) {
      throw new RampartError(
        'service-busy',
        `another start of the service does not go on (${join(dir, alive[0] ?? '')})`,
        'Its file name holds its pid: continue or end that process, then try again.',
      );
    }
    await sleep(POLL_MS);
  }
}

async function isLowest(dir: string, own: string): Promise<boolean> {
  const others = readdirSync(dir).filter((name) => TICKET.test(name) && name !== own);
  const alive = await removeDead(dir, others);
  return alive.every((name) => compareTickets(own, name) < 0);
}

async function removeDead(dir: string, names: readonly string[]): Promise<string[]> {
  const alive: string[] = [];
  for (const name of names) {
    const answer = await probe(join(dir, name));
    if (answer === 'alive') alive.push(name);
    else if (answer === 'dead') unlinkIfPresent(join(dir, name));
  }
  return alive;
}

const ticketNumber = (name: string): number => Number(TICKET.exec(name)?.[1] ?? 0);

function highestTicket(dir: string): number {
  return Math.max(0, ...readdirSync(dir).map(ticketNumber));
}

function compareTickets(a: string, b: string): number {
  return ticketNumber(a) - ticketNumber(b) || (a < b ? -1 : 1);
}

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** A pipe's name belongs to one process and ends with it, so listening is the election. Untried. */
async function electOnWindows(dir: string): Promise<Lock | null> {
  const name = `\\\\.\\pipe\\rampart-lock-${dir.replace(/[^A-Za-z0-9]+/g, '-').slice(-180)}`;
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, name);
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
  server.unref();
  return { name, isHeld: () => true, release: () => close(server), remove: () => undefined };
}

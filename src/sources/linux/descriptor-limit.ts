import type { ProcIo } from './proc-io.ts';

/** Descriptors that stay free for sockets, history files and children: without one, not even a spawn works. */
const RESERVE = 256;
/** 4,096 kept files hold about 16 MB of kernel memory. */
const MOST = 4096;

/** How many descriptors the sampler may keep: half of RLIMIT_NOFILE, never the last 256. */
export function maxKeptDescriptors(io: ProcIo, procRoot: string): number {
  const limit = openFilesLimit(io, procRoot);
  return Math.max(0, Math.min(MOST, Math.floor(limit / 2), limit - RESERVE));
}

/** The soft limit of this process (Node raises it to the hard one when it starts). */
export function openFilesLimit(io: ProcIo, procRoot: string): number {
  const length = io.read(`${procRoot}/self/limits`);
  const match = length < 0 ? null : /^Max open files +(\d+|unlimited)/m.exec(io.bytes.toString('latin1', 0, length));
  if (match === null) return 1024; // The usual default where the file cannot be read.
  return match[1] === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(match[1]);
}

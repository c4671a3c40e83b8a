import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { ProcIo } from '../linux/proc-io.ts';
import { ownerBySources } from './program-sources.ts';
import type { ProcessId, ProcessKey } from '../../model/index.ts';
import { findSymbol, type SymbolPlace } from './elf.ts';
import type { SignalOwner } from './guards.ts';

export interface SignalOwners {
  /** From its memory, in 0.1 ms; else what `settle` found. */
  of(process: ProcessId): SignalOwner;
  /** Looks through the files of its program, where its memory does not tell. Seconds for a large one; kept. */
  settle(process: ProcessId): Promise<void>;
}

const SIGUSR1 = 10;
/** libuv's red-black tree of all signal watchers of the process, in src/unix/signal.c since 2013. */
const TREE = 'uv__signal_tree';
/**
 * Layout of `uv_signal_t` on 64-bit systems (uv.h, uv/unix.h): 96 bytes of handle, signal_cb, signum, then the tree entry
 * {left, right, parent, color}. The same in libuv 1.0 to 1.51: it is ABI.
 */
const SIGNUM_AT = 104;
const LEFT_AT = 112;
const RIGHT_AT = 120;
const NODE_BYTES = 128;
/** Signal handling packages watch 15 signals; with workers and clusters still far below. */
const MAX_NODES = 512;
const MAX_SIGNAL = 64;
const MAX_MAPS_BYTES = 4 * 1024 * 1024;
const MAX_SETTLED = 256;
const OPTIONS = 'NODE_OPTIONS=';

/**
 * Node's own watcher and a program's handler look the same from outside: both set the bit in SigCgt, and no thread, no
 * descriptor and no mask differs (measured on Node 20, 22 and 24). They differ in libuv's tree of signal watchers, which
 * holds the program's handlers and not Node's own. We read it out of the process's memory, which changes nothing there.
 * It needs the symbol table of the program file, and the right to read its memory (the right that a debugger needs). Where
 * one is missing, the files of the program are looked through for the signal's name; see program-sources.ts.
 */
export function createSignalOwners(io: ProcIo, procRoot: string): SignalOwners {
  const symbols = new Map<string, SymbolPlace | null>();
  const settled = new Map<ProcessKey, SignalOwner>();

  const symbolOf = (exe: string): SymbolPlace | null => {
    const stat = statSync(exe, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    const key = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}`;
    let place = symbols.get(key);
    if (place === undefined) symbols.set(key, (place = findSymbol(exe, TREE)));
    return place;
  };

  /** Where the program file begins in memory; 0 for one that runs where it was linked. */
  const loadAddress = (pid: number): bigint | null => {
    const maps = io.readAll(`${procRoot}/${pid}/maps`, MAX_MAPS_BYTES);
    const exe = io.link(`${procRoot}/${pid}/exe`);
    if (typeof maps === 'number' || typeof exe === 'number') return null;
    const first = maps.bytes
      .toString('utf8')
      .split('\n')
      .find((row) => row.endsWith(` ${exe}`) && row.split(/\s+/, 3)[2] === '00000000');
    return first === undefined ? null : BigInt(`0x${first.slice(0, first.indexOf('-'))}`);
  };

  const byMemory = (pid: number): SignalOwner => {
    const place = symbolOf(`${procRoot}/${pid}/exe`);
    if (place === null) return unknown('its program file has no symbols, so its signal handlers cannot be looked up');
    const base = place.isPositionIndependent ? loadAddress(pid) : 0n;
    if (base === null) return unknown('its memory map could not be read');
    let memory: number;
    try {
      memory = openSync(`${procRoot}/${pid}/mem`, 'r');
    } catch {
      return unknown('the kernel does not let us read its memory (kernel.yama.ptrace_scope), where its handlers are');
    }
    try {
      const watched = signals(memory, base + place.address);
      return watched.has(SIGUSR1)
        ? { by: 'program', reason: 'the program has its own handler of SIGUSR1' }
        : { by: 'node', reason: 'no handler of the program for SIGUSR1 in its table of signal watchers' };
    } catch {
      return unknown('its table of signal watchers could not be read');
    } finally {
      closeSync(memory);
    }
  };

  const words = (path: string): string[] => {
    const file = io.readAll(path, MAX_MAPS_BYTES);
    return typeof file === 'number' ? [] : file.bytes.toString('utf8').replace(/\0+$/, '').split('\0');
  };

  return {
    of: ({ pid, startTime }) => {
      const owner = byMemory(pid);
      return owner.by === 'unknown' ? (settled.get(`${pid}:${startTime}`) ?? owner) : owner;
    },
    async settle({ pid, startTime }) {
      const key: ProcessKey = `${pid}:${startTime}`;
      const seen = byMemory(pid);
      if (seen.by !== 'unknown' || settled.has(key)) return;
      const dir = `${procRoot}/${pid}`;
      const cwd = io.link(`${dir}/cwd`);
      const options = words(`${dir}/environ`).find((word) => word.startsWith(OPTIONS)) ?? '';
      const program = { argv: words(`${dir}/cmdline`), nodeOptions: options.slice(OPTIONS.length) };
      const owner = typeof cwd === 'string' ? await ownerBySources({ ...program, cwd }) : seen;
      const reason = owner.by === 'unknown' ? `${seen.reason}, and ${owner.reason}` : owner.reason;
      const [oldest] = settled.keys();
      if (settled.size >= MAX_SETTLED && oldest !== undefined) settled.delete(oldest);
      settled.set(key, { by: owner.by, reason });
    },
  };
}

const unknown = (reason: string): SignalOwner => ({ by: 'unknown', reason });

function signals(memory: number, root: bigint): Set<number> {
  const found = new Set<number>();
  const node = Buffer.alloc(NODE_BYTES);
  readExactly(memory, node.subarray(0, 8), root);
  const waiting = [node.readBigUInt64LE(0)];
  let seen = 0;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at === 0n) continue;
    if ((seen += 1) > MAX_NODES) throw new Error('no tree');
    readExactly(memory, node, at);
    const signal = node.readInt32LE(SIGNUM_AT);
    if (signal < 1 || signal > MAX_SIGNAL) throw new Error('not a watcher');
    found.add(signal);
    waiting.push(node.readBigUInt64LE(LEFT_AT), node.readBigUInt64LE(RIGHT_AT));
  }
  return found;
}

function readExactly(memory: number, into: Buffer, position: bigint): void {
  if (readSync(memory, into, 0, into.length, position) !== into.length) throw new Error('short read');
}

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A memory cgroup of our own with a small limit. */
export interface SmallCgroup {
  add(pid: number): void;
  remove(): void;
}

const ROOT = '/sys/fs/cgroup';

/** Null: this machine lets us make none. */
export function makeSmallCgroup(limitBytes: number): SmallCgroup | null {
  const name = `rampart-test-${process.pid}-${Date.now()}`;
  return (
    make(join(ROOT, 'memory', name), 'memory.limit_in_bytes', limitBytes) ??
    make(join(ownV2(), name), 'memory.max', limitBytes)
  );
}

function make(directory: string, limitFile: string, limitBytes: number): SmallCgroup | null {
  try {
    mkdirSync(directory);
  } catch {
    return null;
  }
  try {
    if (!existsSync(join(directory, limitFile))) throw new Error('no memory controller');
    writeFileSync(join(directory, limitFile), String(limitBytes));
    for (const swap of ['memory.swap.max', 'memory.memsw.limit_in_bytes']) {
      if (existsSync(join(directory, swap)))
        writeFileSync(join(directory, swap), swap.endsWith('max') ? '0' : String(limitBytes));
    }
    return {
      add: (pid) => writeFileSync(join(directory, 'cgroup.procs'), String(pid)),
      remove: () => remove(directory),
    };
  } catch {
    remove(directory);
    return null;
  }
}

function remove(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Somebody is still in it: it stays until the machine goes down.
  }
}

function ownV2(): string {
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  return join(ROOT, own);
}

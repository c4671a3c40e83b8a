import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { RampartError, type ProcessId } from '../../model/index.ts';
import { cacheDoorPath, type CacheAnswer, type CacheRequest } from './caches.ts';

/** A cache of this process that others may ask to be cleared. */
export interface OwnCache {
  /** Drops what can be computed again. A rejected promise counts as not cleared. */
  readonly clear: () => void | Promise<void>;
  /** How much it holds; left out: not known. */
  readonly bytes?: (() => number) | undefined;
}

/** A request is one line of a few words. */
const MAX_REQUEST_CHARACTERS = 4_096;

/**
 * The owner's side of `clear_caches`: a socket named after this very process, open while a cache is registered. It keeps no
 * process alive, and nobody but this user can reach it.
 */
export function createCacheDoor(runtimeDir: string, self: ProcessId, lives: (process: ProcessId) => boolean) {
  const caches = new Map<string, OwnCache>();
  const path = cacheDoorPath(runtimeDir, self);
  let server: Server | null = null;

  const open = (): void => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // A process that a signal ended leaves its socket; of our own pid and start time only we can have left one.
    for (const name of readdirSync(dirname(path))) {
      const [pid = 0, startTime = 0] = /^(\d+)-(\d+)\.sock$/.exec(name)?.slice(1).map(Number) ?? [];
      const owner = { pid, startTime };
      if (pid === self.pid || (pid > 0 && !lives(owner))) rmSync(cacheDoorPath(runtimeDir, owner), { force: true });
    }
    server = createServer(serve);
    // Whoever cannot listen has a cache that cannot be cleared from outside, and no other trouble.
    server.on('error', () => close());
    server.listen(path);
    server.unref();
    process.once('exit', close);
  };

  const close = (): void => {
    process.off('exit', close);
    server?.close();
    server = null;
    rmSync(path, { force: true });
  };

  const serve = (socket: Socket): void => {
    let text = '';
    socket.unref();
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.length > MAX_REQUEST_CHARACTERS) socket.destroy();
      else if (text.endsWith('\n')) {
        void answer(text).then((said) => socket.end(said === null ? '' : `${JSON.stringify(said)}\n`));
        text = '';
      }
    });
  };

  const answer = async (text: string): Promise<CacheAnswer | null> => {
    const request = read(text);
    if (request === null) return null;
    if (request.ask === 'list') {
      return { caches: [...caches].map(([name, { bytes }]) => ({ name, bytes: bytes?.() ?? null })) };
    }
    const wanted = [...caches].filter(([name]) => request.name === null || request.name === name);
    const cleared: string[] = [];
    for (const [name, cache] of wanted) {
      try {
        await cache.clear();
        cleared.push(name);
      } catch {
        // It is missing in the answer.
      }
    }
    return { cleared };
  };

  return {
    /** Answers with a function that takes it back. Throws `RampartError('bad-input')` for a name that is taken. */
    register(name: string, cache: OwnCache): () => void {
      if (name === '' || name.length > 100 || caches.has(name)) {
        throw new RampartError('bad-input', `a cache cannot be called '${name.slice(0, 100)}'`, 'Choose another name.');
      }
      caches.set(name, cache);
      if (server === null) open();
      return () => {
        caches.delete(name);
        if (caches.size === 0) close();
      };
    },
  };
}

function read(text: string): CacheRequest | null {
  try {
    const { ask, name } = JSON.parse(text) as { ask?: unknown; name?: unknown };
    if (ask === 'list') return { ask };
    if (ask === 'clear' && (name === null || typeof name === 'string')) return { ask, name };
    return null;
  } catch {
    return null;
  }
}

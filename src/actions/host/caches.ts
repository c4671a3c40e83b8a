import { lstatSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { ProcessId } from '../../model/index.ts';

/** A cache that its owner told of, and what its owner says of it. */
export interface RegisteredCache {
  readonly name: string;
  readonly bytes: number | null;
}

/** Asks owners of caches; see `cache-door.ts` for the other side. */
export interface CacheReader {
  /** Null: this process has told of none. */
  list(process: ProcessId): Promise<readonly RegisteredCache[] | null>;
  /** Asks the owner to clear; answers with the names that were cleared. Null: it did not answer. */
  clear(process: ProcessId, name: string | null): Promise<readonly string[] | null>;
}

export type CacheRequest = { readonly ask: 'list' } | { readonly ask: 'clear'; readonly name: string | null };
export type CacheAnswer = { readonly caches: readonly RegisteredCache[] } | { readonly cleared: readonly string[] };

/** Named after the identity: the door of an earlier process with this pid has another name. */
export const cacheDoorPath = (runtimeDir: string, { pid, startTime }: ProcessId): string =>
  join(runtimeDir, 'caches', `${pid}-${startTime}.sock`);

/** Clearing may free gigabytes; an owner whose event loop is blocked for longer is in another trouble. */
const ANSWER_MS = 30_000;
const MAX_ANSWER_CHARACTERS = 64 * 1024;

export function createCacheReader(runtimeDir: string, ownUid: number | null): CacheReader {
  const ask = async (process: ProcessId, request: CacheRequest): Promise<CacheAnswer | null> => {
    const path = cacheDoorPath(runtimeDir, process);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isSocket() || (ownUid !== null && stat.uid !== ownUid)) return null;
    return talk(path, request);
  };
  return {
    list: async (process) => {
      const answer = await ask(process, { ask: 'list' });
      return answer !== null && 'caches' in answer ? answer.caches : null;
    },
    clear: async (process, name) => {
      const answer = await ask(process, { ask: 'clear', name });
      return answer !== null && 'cleared' in answer ? answer.cleared : null;
    },
  };
}

/** One line out, one line back; null for whatever goes wrong: then the owner is not there. */
function talk(path: string, request: CacheRequest): Promise<CacheAnswer | null> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    let text = '';
    const end = (answer: CacheAnswer | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS, () => end(null));
    socket.on('error', () => end(null));
    socket.on('close', () => resolve(null));
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.length > MAX_ANSWER_CHARACTERS) end(null);
      else if (text.endsWith('\n')) end(readAnswer(text));
    });
  });
}

function readAnswer(text: string): CacheAnswer | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { caches, cleared } = value as { caches?: unknown; cleared?: unknown };
  if (Array.isArray(cleared)) return { cleared: cleared.filter((name) => typeof name === 'string') };
  if (!Array.isArray(caches)) return null;
  return {
    caches: caches.flatMap((each: { name?: unknown; bytes?: unknown } | null) =>
      typeof each?.name === 'string'
        ? [{ name: each.name, bytes: typeof each.bytes === 'number' ? each.bytes : null }]
        : [],
    ),
  };
}

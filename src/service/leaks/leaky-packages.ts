import { dirname, isAbsolute, join } from 'node:path';
import { isLeaky, KNOWN_LEAKS, type KnownLeak } from '../../advice/index.ts';
import { readJsonInside } from '../../integrations/safe-file.ts';
import type { ObservedProcess, ProcessKey } from '../../model/index.ts';

/** A package.json of a large package has 20 KB. */
const MAX_BYTES = 256 * 1024;
/** `node_modules` of the script's directory and of those above it, as Node looks for them. */
const MAX_DEPTH = 12;
const MAX_KEPT = 200;

export interface LeakyPackages {
  /** Libraries with a known leak in the version that lies beside these programs. Reads files of leaking Node programs, once each. */
  find(processes: readonly ObservedProcess[]): ReadonlyMap<ProcessKey, readonly KnownLeak[]>;
}

/**
 * Looks where Node would find the library from the program's script. What is installed need not be what was loaded: it
 * is advice to look, not proof.
 */
export function createLeakyPackages(): LeakyPackages {
  const kept = new Map<ProcessKey, readonly KnownLeak[]>();
  return {
    find: (processes) => {
      const found = new Map<ProcessKey, readonly KnownLeak[]>();
      for (const process of processes) {
        if (
          process.runtime !== 'node' ||
          (process.leak?.verdict !== 'leaking' && process.leak?.verdict !== 'suspected')
        )
          continue;
        const leaks = kept.get(process.id) ?? lookUp(process.command);
        kept.set(process.id, leaks);
        if (leaks.length > 0) found.set(process.id, leaks);
      }
      for (const key of [...kept.keys()].slice(0, Math.max(0, kept.size - MAX_KEPT))) kept.delete(key);
      return found;
    },
  };
}

function lookUp(command: readonly string[]): KnownLeak[] {
  const script = command.slice(1).find((word) => isAbsolute(word) && !word.startsWith('--'));
  if (script === undefined) return [];
  const places: string[] = [];
  for (let at = dirname(script); places.length < MAX_DEPTH && at !== dirname(at); at = dirname(at)) places.push(at);
  return KNOWN_LEAKS.filter((known) => {
    for (const place of places) {
      const root = join(place, 'node_modules', known.name);
      const read = readJsonInside(root, join(root, 'package.json'), MAX_BYTES);
      if (!read.ok) continue;
      const { version } = (read.value ?? {}) as { version?: unknown };
      // The nearest is the one that Node loads.
      return typeof version === 'string' && isLeaky(known, version);
    }
    return false;
  });
}

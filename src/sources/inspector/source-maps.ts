import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CodePlace } from '../../model/index.ts';

/** Where code was written, for code that was compiled or bundled. */
export interface SourceMaps {
  /** Null: no map, or it does not cover this place. */
  original(place: CodePlace): Promise<CodePlace | null>;
}

/** A bundled server is 10–20 MB and its map about three times that. */
const MAX_SCRIPT_BYTES = 64 * 1024 * 1024;
const MAX_MAP_BYTES = 128 * 1024 * 1024;
/** The comment stands at the end: a megabyte holds most inline maps, the rest is read whole. */
const TAIL_BYTES = 4 * 1024;

type Trace = (line: number, column: number) => CodePlace | null;

/** Reads maps of the scripts it is asked for, once each: inline ones and files beside the script. For one inspection. */
export function createSourceMaps(): SourceMaps {
  const traces = new Map<string, Promise<Trace | null>>();
  return {
    async original(place) {
      const path = scriptPath(place.file);
      if (path === null || place.line === null) return null;
      let trace = traces.get(path);
      if (trace === undefined) traces.set(path, (trace = load(path).catch(() => null)));
      return (await trace)?.(place.line, (place.column ?? 1) - 1) ?? null;
    },
  };
}

function scriptPath(file: string): string | null {
  if (file.startsWith('/')) return file;
  try {
    return file.startsWith('file://') ? fileURLToPath(file) : null;
  } catch {
    return null;
  }
}

async function load(script: string): Promise<Trace | null> {
  const text = readRegularFile(script, MAX_SCRIPT_BYTES, TAIL_BYTES);
  const url = mapUrl(text) ?? mapUrl(readRegularFile(script, MAX_SCRIPT_BYTES));
  if (url === null) return null;
  const map = url.startsWith('data:') ? inlineMap(url) : readRegularFile(besideOf(script, url), MAX_MAP_BYTES);
  if (map === null) return null;
  const { TraceMap, originalPositionFor } = await import('@jridgewell/trace-mapping');
  const trace = new TraceMap(map, `file://${script}`);
  return (line, column) => {
    const { source, line: at, column: from, name } = originalPositionFor(trace, { line, column });
    return source === null || at === null
      ? null
      : { functionName: name ?? '', file: source, line: at, column: (from ?? 0) + 1 };
  };
}

/** The last comment counts: a bundle may hold those of its parts. */
function mapUrl(text: string | null): string | null {
  const found = text?.lastIndexOf('//# sourceMappingURL=') ?? -1;
  if (text === null || found < 0) return null;
  return /^\S+/.exec(text.slice(found + '//# sourceMappingURL='.length))?.[0] ?? null;
}

function inlineMap(url: string): string | null {
  const base64 = /^data:application\/json;(?:charset=[\w-]+;)?base64,(.+)$/s.exec(url)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64').toString('utf8');
}

/** Only files: an address on the net is not asked for, whoever wrote it there. */
function besideOf(script: string, url: string): string {
  return fileURLToPath(new URL(url, `file://${script}`));
}

/**
 * The path comes from the process that is looked into: it may name a pipe or a device, which must not block us. Whole, or
 * its last bytes. Null when it is no readable regular file of acceptable size.
 */
function readRegularFile(path: string, maxBytes: number, tailBytes?: number): string | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > maxBytes) return null;
    const length = Math.min(stat.size, tailBytes ?? stat.size);
    const bytes = Buffer.allocUnsafe(length);
    const count = readSync(fd, bytes, 0, length, stat.size - length);
    return bytes.toString('utf8', 0, count);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

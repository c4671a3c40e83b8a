import type { Runtime } from '../model/index.ts';

const BY_NAME: readonly (readonly [RegExp, Runtime])[] = [
  [/^(?:node|nodejs)(?:[-.]?\d[\w.-]*)?$/, 'node'],
  [/^bun(?:x|-debug|-profile)?$/, 'bun'],
  [/^deno$/, 'deno'],
  [/^(?:python|pypy)(?:\d[\d.]*)?[a-z]?$/, 'python'],
  [/^(?:sh|bash|dash|zsh|ksh|fish|ash|busybox|tcsh|csh)$/, 'shell'],
];

/** Claude Code's native build is one Bun executable under many names; its place on disk gives it away. */
const BUN_PATHS = /\/claude\/versions\/[^/]+$|\/@anthropic-ai\/claude-code[^/]*\//;

/**
 * What runs inside. The executable's path decides; a name is the process's own choice (Node 24 calls itself
 * `MainThread`, npm renames itself), so it only stands in where the path may not be read.
 */
export function runtimeOf(exe: string | null, name: string, firstArgument: string | undefined): Runtime {
  if (exe !== null) return byName(baseName(exe)) ?? (BUN_PATHS.test(exe) ? 'bun' : 'native');
  return byName(name) ?? byName(baseName(firstArgument ?? '').replace(/^-/, '')) ?? 'unknown';
}

function byName(name: string): Runtime | null {
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

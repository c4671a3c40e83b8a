import { existsSync, realpathSync, statSync } from 'node:fs';
import { open, opendir } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { nodeArguments } from './flags.ts';
import type { SignalOwner } from './guards.ts';

/**
 * The second way to learn whether a program handles SIGUSR1 itself, for where its memory may not be read (Ubuntu and Arch
 * set kernel.yama.ptrace_scope to 1): does any file that it may have loaded mention the signal? A mention is not yet a
 * handler (lists of signal names), but it is reason enough to leave the process alone.
 */

/** An npx server has 500–5,000 files, a large project 20,000; beyond that nothing is known. */
const MAX_FILES = 30_000;
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

const CODE = new Set(['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts', '']);
/** `os.constants.signals` gives every signal without naming one. */
const MENTIONS = ['SIGUSR1', 'constants.signals'].map((text) => Buffer.from(text));
/** Installed beside global packages, and never part of another program. */
const STRANGERS = new Set(['npm', 'corepack', 'pnpm', 'yarn', '.cache', '.git']);

export interface ProgramFiles {
  readonly argv: readonly string[];
  readonly nodeOptions: string;
  readonly cwd: string;
}

export async function ownerBySources(program: ProgramFiles): Promise<SignalOwner> {
  const roots = rootsOf(program);
  if (typeof roots === 'string') return { by: 'unknown', reason: roots };
  const untilMs = performance.now() + TIMEOUT_MS;
  const seen = { files: 0, bytes: 0 };
  for (const root of roots) {
    for await (const path of filesBelow(root)) {
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      seen.files += 1;
      seen.bytes += size;
      if (seen.files > MAX_FILES || seen.bytes > MAX_BYTES || size > MAX_FILE_BYTES || performance.now() > untilMs) {
        return { by: 'unknown', reason: 'its program is too large to look through' };
      }
      if (await mentions(path, size)) {
        return { by: 'unknown', reason: `a file of its program mentions signals (${basename(path)})` };
      }
    }
  }
  return seen.files === 0
    ? { by: 'unknown', reason: 'its program could not be found' }
    : { by: 'node', reason: `none of the ${seen.files} files of its program mentions SIGUSR1` };
}

/** Where everything lies that it may have loaded; or why that is not known. */
function rootsOf({ argv, nodeOptions, cwd }: ProgramFiles): readonly string[] | string {
  const { flags, script } = nodeArguments(argv);
  const words = [...nodeOptions.split(/\s+/), ...flags];
  if (words.some((word) => /^(?:-r|--require|--import|--loader|--experimental-loader)(?:=|$)/.test(word))) {
    return 'it preloads modules (--require, --import)';
  }
  if (flags.some((word) => /^(?:-e|-p|-pe|--eval|--print|-i|--interactive|-|--test|--run)(?:=|$)/.test(word))) {
    return 'its program is no file';
  }
  const main = script === null ? null : fileOf(resolve(cwd, script));
  if (main === null) return 'its program could not be found (it may have changed its title)';
  const packages = main.indexOf('/node_modules/');
  // The outermost: what is installed together lies together, with npx, npm and pnpm.
  if (packages >= 0) return [main.slice(0, packages + '/node_modules'.length)];
  const own = packageRoot(main);
  const hoisted: string[] = [];
  for (let dir = dirname(own); dir !== dirname(dir); dir = dirname(dir)) hoisted.push(join(dir, 'node_modules'));
  return [own, ...hoisted.filter((dir) => existsSync(dir))];
}

function fileOf(path: string): string | null {
  for (const candidate of [path, `${path}.js`, `${path}.cjs`, `${path}.mjs`, join(path, 'index.js')]) {
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile() === true) return realpathSync(candidate);
  }
  return null;
}

/** The directory with the nearest package.json; without one that of the script. */
function packageRoot(main: string): string {
  for (let dir = dirname(main); dir !== dirname(dir); dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return dir;
  }
  return dirname(main);
}

async function* filesBelow(root: string): AsyncGenerator<string> {
  const waiting = [root];
  for (let dir = waiting.pop(); dir !== undefined; dir = waiting.pop()) {
    let entries;
    try {
      entries = await opendir(dir);
    } catch {
      continue;
    }
    for await (const entry of entries) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) {
        if (!(STRANGERS.has(entry.name) && (dir === root || entry.name.startsWith('.')))) waiting.push(path);
      } else if (entry.isFile() && CODE.has(extname(entry.name)) && !entry.name.endsWith('.d.ts')) yield path;
    }
  }
}

async function mentions(path: string, size: number): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null);
  // What we may not read, the process of the same user may not have loaded either.
  if (file === null) return false;
  try {
    const bytes = Buffer.allocUnsafe(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    const text = bytes.subarray(0, bytesRead);
    return MENTIONS.some((mention) => text.includes(mention));
  } finally {
    await file.close();
  }
}

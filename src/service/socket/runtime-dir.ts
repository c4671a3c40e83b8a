import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { RampartError } from '../../model/index.ts';

/**
 * The directory of socket and lock is what keeps other users out: the kernel asks for its search permission at every
 * connect. So it must be a real directory, ours, and closed to everybody else, before anything in it is trusted.
 */
export function openRuntimeDir(path: string): void {
  if (process.platform === 'win32') return;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new RampartError(
      'not-permitted',
      `the runtime directory ${path} cannot be made`,
      'Set RAMPART_RUNTIME_DIR to a directory that you may write.',
      cause,
    );
  }
  const problem = runtimeDirProblem(path);
  if (problem === null) return;
  if (problem !== 'open') throw unsafeDir(path, problem);
  chmodSync(path, 0o700);
}

/** For a client: refuse to talk to a socket in a directory that somebody else controls. Null: no such directory. */
export function checkRuntimeDir(path: string): 'safe' | 'absent' {
  if (process.platform === 'win32') return 'safe';
  const problem = runtimeDirProblem(path);
  if (problem === null) return 'safe';
  if (problem === 'absent') return 'absent';
  throw unsafeDir(path, problem === 'open' ? 'can be entered by other users' : problem);
}

function runtimeDirProblem(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'absent';
  if (stat.isSymbolicLink()) return 'is a symbolic link';
  if (!stat.isDirectory()) return 'is no directory';
  if (stat.uid !== process.geteuid?.()) return `belongs to another user (uid ${stat.uid})`;
  return (stat.mode & 0o077) === 0 ? null : 'open';
}

function unsafeDir(path: string, problem: string): RampartError {
  return new RampartError(
    'not-permitted',
    `the runtime directory ${path} ${problem}`,
    'Remove it, or set RAMPART_RUNTIME_DIR to a directory of your own that nobody else may enter (mode 0700).',
  );
}

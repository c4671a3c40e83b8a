import { ENVIRONMENT_NAMES, filterEnvironment } from '../../agents/environment.ts';
import type { ProcessFacts, ProcessId } from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';
import { presentableArguments } from '../arguments.ts';
import type { BootClock } from './boot-clock.ts';
import type { CgroupReader } from './cgroup-reader.ts';
import { nameBytes } from './parse-stat.ts';
import { DENIED, NOT_PERMITTED, type ProcIo, type ReadFailure } from './proc-io.ts';
import type { ProcessTable } from './process-table.ts';
import { runtimeOf } from '../runtime.ts';

/** The kernel's own limit for arguments and environment together is a quarter of the stack, usually 2 MB. */
const MAX_CMDLINE_BYTES = 2 * 1024 * 1024;
const MAX_ENVIRON_BYTES = 2 * 1024 * 1024;
/** As many arguments as are kept; of a prompt of 100 KB only what `presentableArguments` looks at, in UTF-8. */
const MAX_ARGUMENTS = 64;
const MAX_ARGUMENT_BYTES = 4096;
/** Longer than any honest value of the listed names; what is scanned by regular expressions must be bounded. */
const MAX_VALUE_BYTES = 4096;
const MAX_PATH_LENGTH = 1024;
const DELETED = ' (deleted)';

export interface FactsReader {
  /** Null when the process is gone, or its pid is another's by now. */
  read(process: ProcessId): ProcessFacts | null;
}

export interface FactsOptions {
  readonly io: ProcIo;
  readonly procRoot: string;
  readonly table: ProcessTable;
  readonly cgroups: CgroupReader;
  readonly boot: BootClock;
}

export function createFactsReader({ io, procRoot, table, cgroups, boot }: FactsOptions): FactsReader {
  return {
    read(process) {
      const directory = `${procRoot}/${process.pid}`;
      const unknown: Record<string, string> = {};
      const name = readName(directory);
      if (name === null) return null;
      const link = (file: 'exe' | 'cwd'): string | null => {
        const target = io.link(`${directory}/${file}`);
        if (typeof target === 'string') return sanitise(target, MAX_PATH_LENGTH);
        unknown[file] = reason(
          target,
          file === 'exe' ? 'it has no executable (a zombie or kernel thread)' : 'it has none (a zombie)',
        );
        return null;
      };
      const rawExe = link('exe');
      const deleted = rawExe?.endsWith(DELETED) === true;
      const exe = deleted ? rawExe.slice(0, -DELETED.length) : rawExe;
      const cwd = link('cwd');
      const argv = readArguments(directory, unknown);
      const env = readEnvironment(directory, unknown);
      const uid = readUid(directory);
      if (uid === null) unknown['uid'] = 'its status could not be read';
      const cgroup = cgroups.pathOf(process.pid);
      if (cgroup === null) unknown['cgroup'] = 'no memory cgroup is visible for it';
      const startedAtMs = boot.startedAtMs(process.startTime);
      if (startedAtMs === null) unknown['startedAtMs'] = 'the boot time could not be read';
      // Everything above went by path: it counts only if the pid was this process's until now.
      if (!table.isSame(process)) return null;
      const facts = { comm: sanitise(name), exe, argv, cwd, env, uid, cgroup, startedAtMs, unknown };
      const runtime = runtimeOf(exe, facts.comm, argv[0]);
      return deleted ? { ...facts, runtime, exeDeleted: true } : { ...facts, runtime };
    },
  };

  function readName(directory: string): string | null {
    const length = io.read(`${directory}/stat`);
    return length < 0 ? null : new TextDecoder().decode(nameBytes(io.bytes, length));
  }

  function readArguments(directory: string, unknown: Record<string, string>): readonly string[] {
    const file = io.readAll(`${directory}/cmdline`, MAX_CMDLINE_BYTES);
    if (typeof file === 'number') {
      unknown['argv'] = reason(file, 'its command line could not be read');
      return [];
    }
    return presentableArguments(splitAtNul(file.bytes));
  }

  function readEnvironment(directory: string, unknown: Record<string, string>): Record<string, string> {
    const file = io.readAll(`${directory}/environ`, MAX_ENVIRON_BYTES);
    if (typeof file === 'number') {
      unknown['env'] = reason(file, 'its environment could not be read');
      return {};
    }
    return allowedEnvironment(file.bytes);
  }

  /** The real uid: the owner of the directory is root for every process that may not be dumped. */
  function readUid(directory: string): number | null {
    const length = io.read(`${directory}/status`);
    if (length < 0) return null;
    const match = /\nUid:\t(\d+)\t/.exec(io.bytes.toString('latin1', 0, length));
    return match === null ? null : Number(match[1]);
  }
}

/** Only names on the list become text; the rest of an environment is never decoded, since it holds keys and tokens. */
export function allowedEnvironment(bytes: Buffer): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ENVIRONMENT_NAMES) {
    const prefix = `${name}=`;
    let at = bytes.indexOf(prefix, 0, 'latin1');
    while (at > 0 && bytes[at - 1] !== 0) at = bytes.indexOf(prefix, at + 1, 'latin1');
    if (at < 0) continue;
    const from = at + prefix.length;
    const nul = bytes.indexOf(0, from);
    const end = Math.min(nul < 0 ? bytes.length : nul, from + MAX_VALUE_BYTES);
    const value = filterEnvironment(name, bytes.toString('utf8', from, end));
    if (value !== null) kept[name] = value;
  }
  return kept;
}

/** Trailing NULs are padding of a process that rewrote its title, not empty arguments. */
function splitAtNul(bytes: Buffer): string[] {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  const parts: string[] = [];
  for (let from = 0; from < end && parts.length < MAX_ARGUMENTS;) {
    const nul = bytes.indexOf(0, from);
    const to = nul < 0 || nul > end ? end : nul;
    parts.push(bytes.toString('utf8', from, Math.min(to, from + MAX_ARGUMENT_BYTES)));
    from = to + 1;
  }
  return parts;
}

function reason(failure: ReadFailure, otherwise: string): string {
  return failure === DENIED ? NOT_PERMITTED : otherwise;
}

import { randomBytes } from 'node:crypto';
import { chmodSync, constants, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { RampartError, type CaptureKind, type Clock, type ProcessKey } from '../model/index.ts';
import { diskError } from './disk-error.ts';
import type { SnapshotFile } from './snapshot-file.ts';

/** What is known of a capture beside its content. */
export interface CaptureEntry {
  readonly id: string;
  readonly kind: CaptureKind;
  readonly atMs: number;
  readonly process: ProcessKey;
  readonly path: string;
  readonly bytes: number;
}

export interface Captures {
  /** Newest first. Those whose time is up are removed before. */
  list(): readonly CaptureEntry[];
  /** The newest snapshot of a process, or that with this id. */
  snapshot(process: ProcessKey, id?: string): CaptureEntry | null;
  /** A heap snapshot, piece by piece; `finish` makes it visible, `abort` leaves nothing. */
  beginSnapshot(process: ProcessKey): Promise<SnapshotFile & { finish(): Promise<CaptureEntry> }>;
  /** A report as JSON. */
  keep(kind: CaptureKind, process: ProcessKey, report: (id: string, path: string) => unknown): Promise<CaptureEntry>;
}

export interface CapturesOptions {
  /** A directory of our own; made with 0700. */
  readonly dir: string;
  readonly clock: Clock;
  /** All captures together; the oldest go first. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** `KIND-MS-PID-START-ID.json` or `.heapsnapshot.gz`: all that is known of a capture is in its name. */
const NAME = /^(light|snapshot|compare)-(\d{13})-(\d+)-(\d+)-([0-9a-f]{16})\.(?:json|heapsnapshot\.gz)$/;
/** Written, not finished: of a service that was killed. */
const PARTIAL = /^\.partial-[0-9a-f]{16}$/;
/** No snapshot takes longer than its call may (15 min). */
const STALE_PARTIAL_MS = 30 * 60_000;

/**
 * Captures on disk. A heap holds whatever the program holds, keys too: files are 0600 in a directory of our own (0700),
 * under random names, made anew and never through a link, and leave by age and quota.
 */
export function openCaptures({ dir, clock, maxBytes, maxAgeMs }: CapturesOptions): Captures {
  const prepare = (): void => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const stat = lstatSync(dir);
    if (!stat.isDirectory() || (process.getuid !== undefined && stat.uid !== process.getuid())) {
      throw new RampartError('not-permitted', `${dir} is no directory of yours`, 'Set RAMPART_STATE_DIR to one.');
    }
    if ((stat.mode & 0o077) !== 0) chmodSync(dir, 0o700);
  };

  const names = (): string[] => {
    try {
      return readdirSync(dir);
    } catch {
      return [];
    }
  };

  const entryOf = (name: string): CaptureEntry | null => {
    const [, kind, atMs, pid, startTime, id] = NAME.exec(name) ?? [];
    const stat = id === undefined ? undefined : lstatSync(join(dir, name), { throwIfNoEntry: false });
    if (id === undefined || stat?.isFile() !== true) return null;
    return {
      id,
      kind: kind as CaptureKind,
      atMs: Number(atMs),
      process: `${Number(pid)}:${Number(startTime)}`,
      path: join(dir, name),
      bytes: stat.size,
    };
  };

  /** Removes what is too old or too much, and what was never finished. */
  const prune = (needBytes: number): readonly CaptureEntry[] => {
    const nowMs = clock.nowMs();
    const entries: CaptureEntry[] = [];
    for (const name of names()) {
      const entry = entryOf(name);
      if (entry !== null) entries.push(entry);
      else if (PARTIAL.test(name)) removeStale(join(dir, name), nowMs);
    }
    entries.sort((a, b) => b.atMs - a.atMs);
    let total = needBytes;
    return entries.filter(({ path, bytes, atMs }) => {
      total += bytes;
      if (nowMs - atMs <= maxAgeMs && total <= maxBytes) return true;
      rmSync(path, { force: true });
      return false;
    });
  };

  const nameOf = (kind: CaptureKind, process: ProcessKey, id: string, ending: string): string =>
    `${kind}-${String(Math.round(clock.nowMs())).padStart(13, '0')}-${process.replace(':', '-')}-${id}.${ending}`;

  const create = async (): Promise<{ readonly file: FileHandle; readonly path: string }> => {
    prepare();
    prune(0);
    const path = join(dir, `.partial-${randomBytes(8).toString('hex')}`);
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    return { path, file: await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600) };
  };

  /** Under its own name, which nothing had before. */
  const publish = async (partial: string, name: string): Promise<CaptureEntry> => {
    const path = join(dir, name);
    await link(partial, path).then(
      () => unlink(partial),
      // File systems without hard links; the name is random.
      () => rename(partial, path),
    );
    prune(0);
    const entry = entryOf(name);
    if (entry !== null) return entry;
    throw new RampartError('io', 'the capture is larger than all captures may be', 'Raise captures.maxBytes.');
  };

  return {
    list: () => prune(0),
    snapshot: (process, id) =>
      prune(0).find(
        (entry) => entry.kind === 'snapshot' && (id === undefined ? entry.process === process : entry.id === id),
      ) ?? null,
    async beginSnapshot(process) {
      // With the compressor, which an idle service does not need.
      const { openSnapshotFile } = await import('./snapshot-file.ts');
      const { file, path } = await create();
      const snapshot = openSnapshotFile(file, path, maxBytes);
      const id = randomBytes(8).toString('hex');
      return {
        ...snapshot,
        finish: async () => {
          await snapshot.end();
          return publish(path, nameOf('snapshot', process, id, 'heapsnapshot.gz'));
        },
      };
    },
    async keep(kind, process, report) {
      const { file, path } = await create();
      const id = randomBytes(8).toString('hex');
      const name = nameOf(kind, process, id, 'json');
      try {
        await file.writeFile(`${JSON.stringify(report(id, join(dir, name)), null, 1)}\n`);
        await file.close();
        return await publish(path, name);
      } catch (error) {
        await file.close().catch(() => undefined);
        rmSync(path, { force: true });
        throw diskError(error);
      }
    },
  };
}

function removeStale(path: string, nowMs: number): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && nowMs - stat.mtimeMs > STALE_PARTIAL_MS) rmSync(path, { force: true });
}

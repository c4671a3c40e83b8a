import { lstatSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, StatusReport } from '../model/index.ts';
import { removeStaleTemporaries, replaceFile } from './atomic-file.ts';
import { asFields } from './fields.ts';
import { integrationContent } from './memory-integration-content.ts';
import type { MemoryIntegration } from './memory-integration-schema.ts';
import { isInside, readJsonInside } from './safe-file.ts';

export interface MemoryIntegrationOptions {
  readonly project: string;
  /** Rampart's version. */
  readonly version: string;
  readonly clock: Clock;
  readonly pid?: number;
  /** Replaces a file as a whole or throws; a test puts a full disk here. */
  readonly replace?: (path: string, text: string) => Promise<void>;
}

type Published =
  | { readonly outcome: 'written' | 'unchanged' | 'too-soon' }
  /** The project has no Claude-Flow. */
  | { readonly outcome: 'not-wanted' }
  | { readonly outcome: 'failed'; readonly reason: string };

export interface MemoryIntegrationFile {
  readonly path: string;
  /** Whether a report is worth building: the project has Claude-Flow and enough time has passed. Costs one lstat. */
  isDue(): boolean;
  /** Writes the report if it says something new. Never throws: a monitor must not fall over a full disk. */
  publish(report: StatusReport): Promise<Published>;
  /** Marks the last content as stopped, if there is any of ours. */
  close(): Promise<void>;
}

/** The figure; an agent that polls sees nothing older. */
const MIN_INTERVAL_MS = 5000;
/** Written this often without any change, so that `updatedAtMs` older than a minute means that nobody watches. */
const HEARTBEAT_MS = 30_000;
/** Sizes move all the time by some pages; less than this is no news. */
const NEWS_BYTES = 1024 * 1024;

/**
 * `.claude-flow/metrics/memory-integration.json` of one project. This is the only file below `.claude-flow/` that is ever
 * written: its name is fixed here, and nothing takes another.
 */
export function createMemoryIntegration(options: MemoryIntegrationOptions): MemoryIntegrationFile {
  const { project, version, clock, pid = process.pid, replace = replaceFile } = options;
  const home = join(project, '.claude-flow');
  const path = join(home, 'metrics', 'memory-integration.json');
  let lastTryMs = Number.NEGATIVE_INFINITY;
  let lastWriteMs = Number.NEGATIVE_INFINITY;
  let lastNews = '';
  let last: MemoryIntegration | null = null;

  const elapsedMs = (since: number): number => clock.monotonicMs() - since;

  async function write(content: MemoryIntegration): Promise<Published> {
    try {
      await mkdir(join(home, 'metrics')).catch(ignoreExisting);
      // A repository may bring a `.claude-flow` that is a link to somewhere else.
      if (!isInside(await realpath(project), await realpath(join(home, 'metrics')))) {
        return { outcome: 'failed', reason: '.claude-flow/metrics leads out of the project: refused' };
      }
      if (last === null) await removeStaleTemporaries(path, clock.nowMs());
      await replace(path, `${JSON.stringify(content, null, 2)}\n`);
      last = content;
      lastWriteMs = clock.monotonicMs();
      return { outcome: 'written' };
    } catch (cause) {
      return { outcome: 'failed', reason: reasonOf(cause) };
    }
  }

  /** A newer service may have taken over: its content is not for us to mark as stopped. */
  async function isOurs(): Promise<boolean> {
    const read = readJsonInside(project, path, MAX_OWN_BYTES);
    return read.ok && asFields(asFields(read.value)?.['writer'])?.['pid'] === pid;
  }

  return {
    path,
    isDue: () => elapsedMs(lastTryMs) >= MIN_INTERVAL_MS && isDirectory(home),
    async publish(report) {
      if (!isDirectory(home)) return { outcome: 'not-wanted' };
      if (elapsedMs(lastTryMs) < MIN_INTERVAL_MS) return { outcome: 'too-soon' };
      lastTryMs = clock.monotonicMs();
      const real = await realpath(project).catch(() => project);
      const content = integrationContent(report, { project: real, version, pid, state: 'watching' });
      const news = newsOf(content);
      if (news === lastNews && elapsedMs(lastWriteMs) < HEARTBEAT_MS) return { outcome: 'unchanged' };
      const published = await write(content);
      if (published.outcome === 'written') lastNews = news;
      return published;
    },
    async close() {
      if (last !== null && isDirectory(home) && (await isOurs())) await write({ ...last, state: 'stopped' });
    },
  };
}

/** The lists are capped, so a file of ours is far smaller. */
const MAX_OWN_BYTES = 1024 * 1024;

/** What makes a new content worth a write: everything but the time, sizes in whole MiB. */
function newsOf(content: MemoryIntegration): string {
  return JSON.stringify(content, (key, value: unknown) => {
    if (key === 'updatedAtMs' || key === 'summary' || key === 'pressureSomePercent') return undefined;
    return key.endsWith('Bytes') && typeof value === 'number' ? Math.round(value / NEWS_BYTES) : value;
  });
}

function isDirectory(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

function ignoreExisting(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'EEXIST') throw cause;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; the old file is kept',
  EDQUOT: 'the disk quota is used up; the old file is kept',
  EROFS: 'the file system is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
};

function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  return REASONS[code] ?? `cannot be written: ${code}`;
}

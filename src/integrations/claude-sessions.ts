import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Registry, RegistryClaim } from '../model/index.ts';
import type { ClaimReader } from './claim-reader.ts';
import { asFields, claimTime, pidOf, textOf, timeOf, wholeOf } from './fields.ts';
import { createFileCache, type Parsed } from './file-cache.ts';

/** A real one has 0.6 KB. */
const MAX_FILE_BYTES = 64 * 1024;
/** Files outlive killed sessions; far more than this is not a registry any more. */
const MAX_FILES = 2000;

export interface ClaudeSessionsOptions {
  /** Claude Code's directory (`CLAUDE_CONFIG_DIR` or `~/.claude`). */
  readonly claudeConfigDir: string;
  readonly nowMs?: () => number;
  /** `pid:[4026531836]`; null: the system has no pid namespaces. */
  readonly pidNamespace?: () => Promise<string | null>;
}

/**
 * Claude Code's registry, `sessions/<pid>.json`: one file for each session, with `procStart` (field 22 of
 * `/proc/PID/stat`). A file stays behind when its session is killed. The `.key` files beside them are never opened.
 */
export function claudeSessions(options: ClaudeSessionsOptions): ClaimReader {
  const directory = join(options.claudeConfigDir, 'sessions');
  const nowMs = options.nowMs ?? Date.now;
  let namespace: Promise<string | null> | null = null;
  let ours: string | null = null;
  const files = createFileCache<RegistryClaim>({
    root: directory,
    maxBytes: MAX_FILE_BYTES,
    nowMs,
    parse: (json, path, modifiedMs) => parseSession(json, path, modifiedMs, ours),
  });
  return {
    name: 'claude-session',
    async read() {
      ours = await (namespace ??= (options.pidNamespace ?? ownPidNamespace)());
      const names = await sessionFiles(directory);
      if (typeof names === 'string') return { claims: [], problems: [{ path: directory, reason: names }] };
      const claims: RegistryClaim[] = [];
      const problems: Registry['problems'][number][] = [];
      if (names.length > MAX_FILES)
        problems.push({ path: directory, reason: `only ${MAX_FILES} of ${names.length} files read` });
      const paths = names.slice(0, MAX_FILES).map((name) => join(directory, name));
      for (const path of paths) {
        const seen = files.read(path);
        if (seen?.value != null) claims.push(seen.value);
        if (seen?.problem != null) problems.push({ path, reason: seen.problem });
      }
      files.retain(new Set(paths));
      return { claims, problems };
    },
  };
}

async function sessionFiles(directory: string): Promise<string[] | string> {
  try {
    return (await readdir(directory)).filter((name) => /^\d{1,10}\.json$/.test(name)).toSorted();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? [] : `cannot be listed: ${code ?? 'unknown error'}`;
  }
}

function parseSession(json: unknown, path: string, modifiedMs: number, ours: string | null): Parsed<RegistryClaim> {
  const fields = asFields(json);
  const pid = pidOf(fields?.['pid']);
  const sessionId = textOf(fields?.['sessionId']);
  if (fields === null || pid === null || sessionId === null) return { problem: 'has no pid and sessionId' };
  if (!path.endsWith(`${pid}.json`)) return { problem: `names pid ${pid}, which is not the one in its file name` };
  const domain = /pid:\[\d+\]$/.exec(textOf(fields['pidDomain']) ?? '')?.[0] ?? null;
  if (domain !== null && ours !== null && domain !== ours) {
    return { problem: 'written in another pid namespace (a container): its pid means nothing here' };
  }
  return {
    value: {
      kind: 'claude-session',
      pid,
      startTime: wholeOf(fields['procStart']),
      claimedAtMs: claimTime(modifiedMs, timeOf(fields['startedAt'])),
      client: 'claude-code',
      sessionId,
      agentId: null,
      role: 'agent',
      name: textOf(fields['name']),
      cwd: textOf(fields['cwd'], 4096),
      status: textOf(fields['status'], 40),
      statusAtMs: timeOf(fields['statusUpdatedAt']),
      path,
    },
  };
}

async function ownPidNamespace(): Promise<string | null> {
  return readlink('/proc/self/ns/pid').catch(() => null);
}

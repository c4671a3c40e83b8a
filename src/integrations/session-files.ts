import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonInside } from './safe-file.ts';
import { asFields, wholeOf } from './fields.ts';

/** Where the agent CLIs keep their sessions. Only names and sizes are looked at, and the end of a Claude transcript. */
export interface SessionFiles {
  /** `searched` false: nobody knows where this client keeps them. */
  find(
    client: string | null,
    sessionId: string,
    cwd: string | null,
  ): Promise<{ readonly path: string; readonly bytes: number } | 'missing' | 'not-searched'>;
  /** What Claude Code wrote about background commands of a session around a time; null: no transcript was found. */
  taskEndings(
    sessionId: string,
    cwd: string | null,
    fromMs: number,
    toMs: number,
  ): Promise<{ readonly killedAtMs: number | null; readonly stopAsked: boolean } | null>;
  /** Whether Claude Code's record of this very process is still there. */
  recordLeft(pid: number, startTime: number): boolean;
}

export interface SessionFilesOptions {
  readonly home: string;
  readonly claudeConfigDir: string | null;
  readonly codexHome?: string | undefined;
}

/** Ids become parts of file names here. */
const SAFE_ID = /^[A-Za-z0-9][A-Za-z0-9-]{7,63}$/;
const MAX_DIRECTORIES = 2_000;
const MAX_DAYS = 90;
/** A burst of background commands writes a few KB; what came before is not of this moment. */
const TAIL_BYTES = 256 * 1024;
/** The stop is asked for by a tool call just before; a model may think for a while in between. */
const ASKED_BEFORE_MS = 30_000;
/** Signal and record come from the same turn of Claude Code's event loop, the record sometimes a moment later. */
const WRITTEN_BEFORE_MS = 500;
const WRITTEN_AFTER_MS = 5_000;

type Found = Awaited<ReturnType<SessionFiles['find']>>;

export function createSessionFiles({ home, claudeConfigDir, codexHome }: SessionFilesOptions): SessionFiles {
  const claudeDir = claudeConfigDir ?? join(home, '.claude');
  const codexDir = codexHome ?? join(home, '.codex');
  const geminiDir = join(home, '.gemini', 'tmp');

  /** `projects/<slug>/<id>.jsonl`; the slug is made of the working directory, and not every version makes it alike. */
  const claude = async (id: string, cwd: string | null): Promise<Found> => {
    const projects = join(claudeDir, 'projects');
    const slug = cwd?.replaceAll(/[^A-Za-z0-9]/g, '-');
    const names = [...(slug === undefined ? [] : [slug]), ...(await list(projects)).slice(0, MAX_DIRECTORIES)];
    return firstFile(names.map((name) => join(projects, name, `${id}.jsonl`)));
  };

  /** `sessions/YYYY/MM/DD/rollout-…-<id>.jsonl`, the newest days first. */
  const codex = async (id: string): Promise<Found> => {
    let days = 0;
    for (const year of await newest(join(codexDir, 'sessions'))) {
      for (const month of await newest(year)) {
        for (const day of await newest(month)) {
          if ((days += 1) > MAX_DAYS) return 'missing';
          const name = (await list(day)).find((one) => one.startsWith('rollout-') && one.endsWith(`-${id}.jsonl`));
          if (name !== undefined) return firstFile([join(day, name)]);
        }
      }
    }
    return 'missing';
  };

  /** `tmp/<project>/chats/session-TIME-<first 8 of id>.json`. */
  const gemini = async (id: string): Promise<Found> => {
    for (const project of (await list(geminiDir)).slice(0, MAX_DIRECTORIES)) {
      const chats = join(geminiDir, project, 'chats');
      const name = (await list(chats)).find((one) => new RegExp(`-${id.slice(0, 8)}\\.jsonl?$`).test(one));
      if (name !== undefined) return firstFile([join(chats, name)]);
    }
    return 'missing';
  };

  const find: SessionFiles['find'] = async (client, sessionId, cwd) => {
    if (!SAFE_ID.test(sessionId)) return 'missing';
    if (client === 'claude-code') return claude(sessionId, cwd);
    if (client === 'codex') return codex(sessionId);
    return client === 'gemini-cli' ? gemini(sessionId) : 'not-searched';
  };

  return {
    find,
    taskEndings: async (sessionId, cwd, fromMs, toMs) => {
      const file = await find('claude-code', sessionId, cwd);
      if (typeof file === 'string') return null;
      const text = await tail(file.path);
      return text === null ? null : readTaskEndings(text, fromMs, toMs);
    },
    recordLeft: (pid, startTime) => {
      const directory = join(claudeDir, 'sessions');
      const read = readJsonInside(directory, join(directory, `${pid}.json`), 64 * 1024);
      return read.ok && wholeOf(asFields(read.value)?.['procStart']) === startTime;
    },
  };
}

/**
 * Pure: the last lines of a transcript, the first of them probably torn. Neither record names a process: the kill that is
 * nearest to the death is taken for it, and a request for a stop counts when no earlier kill has used it up.
 */
export function readTaskEndings(
  text: string,
  fromMs: number,
  toMs: number,
): { killedAtMs: number | null; stopAsked: boolean } {
  const kills: number[] = [];
  const requests: number[] = [];
  for (const line of text.split('\n')) {
    const isKill = line.includes('<status>killed</status>') && line.includes('Background command');
    const isRequest = /"name":\s*"(?:TaskStop|KillShell|KillBash)"/.test(line);
    if (!isKill && !isRequest) continue;
    const atMs = Date.parse(/"timestamp":\s*"([\dT:.Z+-]{19,35})"/.exec(line)?.[1] ?? '');
    if (!Number.isNaN(atMs)) (isKill ? kills : requests).push(atMs);
  }
  const distance = (atMs: number): number => Math.max(fromMs - atMs, atMs - toMs, 0);
  const near = kills
    .filter((atMs) => atMs >= fromMs - WRITTEN_BEFORE_MS && atMs <= toMs + WRITTEN_AFTER_MS)
    .toSorted((a, b) => distance(a) - distance(b));
  const request = requests.findLast((atMs) => atMs <= toMs + WRITTEN_BEFORE_MS && atMs >= fromMs - ASKED_BEFORE_MS);
  const isUsedUp = kills.some((atMs) => request !== undefined && atMs >= request && atMs < fromMs - WRITTEN_BEFORE_MS);
  return { killedAtMs: near[0] ?? null, stopAsked: request !== undefined && !isUsedUp };
}

async function list(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function newest(directory: string): Promise<string[]> {
  return (await list(directory))
    .filter((name) => /^\d{2,4}$/.test(name))
    .toSorted()
    .toReversed()
    .map((name) => join(directory, name));
}

async function firstFile(paths: readonly string[]): Promise<Found> {
  for (const path of paths) {
    const info = await stat(path).catch(() => null);
    if (info?.isFile() === true) return { path, bytes: info.size };
  }
  return 'missing';
}

async function tail(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

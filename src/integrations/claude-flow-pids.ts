import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Registry, RegistryClaim } from '../model/index.ts';
import { type ClaimReader, NOTHING } from './claim-reader.ts';
import { asFields, claimTime, field, type Fields, pidOf, textOf, timeOf, wholeOf } from './fields.ts';
import { createFileCache, type Parsed } from './file-cache.ts';

/** A store with hundreds of agents has 200 KB. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Agents of one file, pids of one list, files of agents/: more is not believed. */
const MAX_RECORDS = 500;

export interface ProjectReaderOptions {
  readonly project: string;
  readonly nowMs?: () => number;
}

type Parser = (json: unknown, path: string, modifiedMs: number) => Parsed<readonly RegistryClaim[]>;

/** Files below `.claude-flow/` that may hold pids. */
const FILES: Readonly<Record<string, Parser>> = {
  'daemon.pid': parseDaemonPid,
  'daemon-children.json': parseDaemonChildren,
  'daemon-state.json': parseDaemonState,
  'agents.json': parseRecords,
  'agents/store.json': parseRecords,
  'swarm/swarm-state.json': parseRecords,
  'hive-mind/state.json': parseRecords,
};

/**
 * Claude-Flow's own pid files and state, versions 2.7 to 3.5. Most of its agents are records without a process: they
 * make no claim. Only named fields are picked, so the secret `hiveToken` of a hive's state is never taken up.
 */
export function claudeFlowPids({ project, nowMs = Date.now }: ProjectReaderOptions): ClaimReader {
  const directory = join(project, '.claude-flow');
  const cache = createFileCache<readonly RegistryClaim[]>({
    root: project,
    maxBytes: MAX_FILE_BYTES,
    nowMs,
    parse: (json, path, modifiedMs) => parserOf(path.slice(directory.length + 1))(json, path, modifiedMs),
  });
  return {
    name: 'claude-flow',
    async read() {
      const top = await readdir(directory).catch(() => null);
      if (top === null) return NOTHING;
      const claims: RegistryClaim[] = [];
      const problems: Registry['problems'][number][] = [];
      const names = [...Object.keys(FILES), ...(await agentFiles(directory, top))];
      const paths = names.filter((name) => top.includes(name.split('/')[0] ?? '')).map((name) => join(directory, name));
      for (const path of paths) {
        const seen = cache.read(path);
        if (seen?.value != null) claims.push(...seen.value);
        if (seen?.problem != null) problems.push({ path, reason: seen.problem });
      }
      cache.retain(new Set(paths));
      return { claims, problems };
    },
  };
}

/** 2.7 writes one `agents/<type>-<ms>.json` for each agent. */
async function agentFiles(directory: string, top: readonly string[]): Promise<string[]> {
  if (!top.includes('agents')) return [];
  const names = await readdir(join(directory, 'agents')).catch(() => []);
  return names
    .filter((name) => name.endsWith('.json') && name !== 'store.json')
    .toSorted()
    .slice(-MAX_RECORDS)
    .map((name) => `agents/${name}`);
}

const parserOf = (name: string): Parser => FILES[name.replaceAll('\\', '/')] ?? parseAgentFile;

function daemonClaim(kind: string, pid: number, path: string, claimedAtMs: number, name: string): RegistryClaim {
  return {
    kind,
    pid,
    startTime: null,
    claimedAtMs,
    client: 'claude-flow',
    sessionId: null,
    agentId: null,
    role: null,
    name,
    cwd: null,
    status: null,
    statusAtMs: null,
    path,
  };
}

function parseDaemonPid(json: unknown, path: string, modifiedMs: number): ReturnType<Parser> {
  const pid = pidOf(json) ?? pidOf(asFields(json)?.['pid']);
  if (pid === null) return { problem: 'holds no pid' };
  return { value: [daemonClaim('claude-flow-daemon', pid, path, modifiedMs, 'claude-flow daemon')] };
}

/** `{ pids, daemonPid, timestamp }` */
function parseDaemonChildren(json: unknown, path: string, modifiedMs: number): ReturnType<Parser> {
  const fields = asFields(json);
  const pids = fields?.['pids'];
  if (fields === null || !Array.isArray(pids)) return { problem: 'has no list of pids' };
  const claimedAtMs = claimTime(modifiedMs, timeOf(fields['timestamp']));
  const children = pids.slice(0, MAX_RECORDS).flatMap((value: unknown) => pidOf(value) ?? []);
  const daemon = pidOf(fields['daemonPid']);
  return {
    value: [
      ...(daemon === null ? [] : [daemonClaim('claude-flow-daemon', daemon, path, claimedAtMs, 'claude-flow daemon')]),
      ...children.map((pid) =>
        daemonClaim('claude-flow-children', pid, path, claimedAtMs, 'child of the claude-flow daemon'),
      ),
    ],
  };
}

/** Up to 3.5 it has no pid; its `running` was seen false while the daemon lived, so it is shown, never believed. */
function parseDaemonState(json: unknown, path: string, modifiedMs: number): ReturnType<Parser> {
  const fields = asFields(json);
  if (fields === null) return { problem: 'not an object' };
  const pid = pidOf(fields['pid']);
  if (pid === null) return { value: [] };
  const own = timeOf(fields['savedAt']);
  const claim = daemonClaim('claude-flow-daemon', pid, path, claimTime(modifiedMs, own), 'claude-flow daemon');
  const status = fields['running'] === true ? 'running' : fields['running'] === false ? 'stopped' : null;
  return { value: [{ ...claim, status, statusAtMs: own }] };
}

function parseAgentFile(json: unknown, path: string, modifiedMs: number): ReturnType<Parser> {
  const fields = asFields(json);
  if (fields === null) return { problem: 'not an object' };
  const claim = agentClaim(fields, path, modifiedMs);
  return { value: claim === null ? [] : [claim] };
}

/** Agents wherever the stores keep them: `agents`, `workers`, `queen`, and `swarms.*.agents`; by id or in a list. */
function parseRecords(json: unknown, path: string, modifiedMs: number): ReturnType<Parser> {
  const fields = asFields(json);
  if (fields === null) return { problem: 'not an object' };
  const swarms = values(fields['swarms']).flatMap((swarm) => values(asFields(swarm)?.['agents']));
  const records = [...values(fields['agents']), ...values(fields['workers']), fields['queen'], ...swarms];
  return {
    value: records.slice(0, MAX_RECORDS).flatMap((record) => {
      const agent = asFields(record);
      return agent === null ? [] : (agentClaim(agent, path, modifiedMs) ?? []);
    }),
  };
}

const values = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : Object.values(asFields(value) ?? {}).slice(0, MAX_RECORDS);

function agentClaim(fields: Fields, path: string, modifiedMs: number): RegistryClaim | null {
  const pid = pidOf(field(fields, 'pid', 'processId'));
  if (pid === null) return null;
  const statusAtMs = timeOf(field(fields, 'lastActivity', 'updatedAt'));
  return {
    kind: 'claude-flow-agent',
    pid,
    startTime: wholeOf(field(fields, 'startTime', 'procStart')),
    claimedAtMs: claimTime(modifiedMs, statusAtMs),
    client: 'claude-flow',
    sessionId: textOf(fields['sessionId']),
    agentId: textOf(field(fields, 'agentId', 'id')),
    role: 'agent',
    name: textOf(field(fields, 'name', 'agentType', 'type')),
    cwd: null,
    status: textOf(fields['status'], 40),
    statusAtMs,
    path,
  };
}

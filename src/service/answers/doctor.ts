import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Paths } from '../../config/index.ts';
import { createClaudeFlowMetrics } from '../../integrations/index.ts';
import type { DoctorReport } from '../../model/index.ts';
import { probe } from '../socket/unix-socket.ts';

type Check = DoctorReport['checks'][number];

export interface SurroundingsInput {
  readonly places: Paths;
  readonly claudeConfigDir: string | null;
  readonly projects: readonly string[];
  /** Which killers can be told apart here. */
  readonly killers: () => Promise<readonly Check[]>;
  readonly history: { readonly bytes: number; readonly files: number; readonly lastFlushError: string | null } | null;
}

/** What `doctor` tells beside the source's own capabilities: runtime, service, files. */
export async function surroundings(input: SurroundingsInput): Promise<readonly Check[]> {
  return [
    runtime(),
    sqlite(),
    await service(input.places),
    lockFiles(input.places),
    history(input),
    claudeSessions(input.claudeConfigDir),
    projects(input.projects),
    ...input.projects.flatMap(claudeFlowMetrics),
    ...(await input.killers()),
  ];
}

function runtime(): Check {
  const detail = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  return { name: 'runtime', works: true, detail, fix: null };
}

/** `node:sqlite` came without a flag in 22.13. */
function sqlite(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const works = major > 22 || (major === 22 && minor >= 13);
  return {
    name: 'hive.db',
    works,
    detail: works ? 'read by node:sqlite' : `not read: needs Node ≥ 22.13, this is ${process.versions.node}`,
    fix: works ? null : 'Run Rampart with Node 22.13 or later to see the parents and children of hives.',
  };
}

async function service({ socketPath }: Paths): Promise<Check> {
  const answer = await probe(socketPath);
  const name = 'service';
  if (answer === 'alive') return { name, works: true, detail: `answers at ${socketPath}`, fix: null };
  if (answer === 'absent') {
    return {
      name,
      works: null,
      detail: 'none runs',
      fix: '`rampart start` runs one; an agent starts one when it first asks.',
    };
  }
  const detail = `left without cleaning up: ${socketPath} is dead`;
  return { name, works: null, detail, fix: 'Nothing to do: the next start removes it.' };
}

function lockFiles({ socketPath }: Paths): Check {
  const dir = dirname(socketPath);
  const name = 'lock';
  try {
    const locks = readdirSync(dir).filter((file) => file.endsWith('.lock'));
    const mode = statSync(dir).mode & 0o777;
    const detail = locks.length === 0 ? `none in ${dir}` : `${locks.join(', ')} in ${dir}`;
    const works = process.platform === 'win32' || (mode & 0o077) === 0;
    return { name, works, detail, fix: works ? null : `chmod 700 ${dir}` };
  } catch {
    return { name, works: null, detail: `none: ${dir} does not exist yet`, fix: null };
  }
}

function history({ history: stats, places }: SurroundingsInput): Check {
  const name = 'history';
  if (stats === null) {
    return {
      name,
      works: null,
      detail: 'this is a single look, which keeps none',
      fix: '`rampart start` keeps history.',
    };
  }
  if (stats.lastFlushError !== null) {
    const fix = `Free space, or check the permissions of ${places.historyDir}; until then it is kept in memory.`;
    return { name, works: false, detail: stats.lastFlushError, fix };
  }
  return {
    name,
    works: true,
    detail: `${stats.bytes} bytes in ${stats.files} files in ${places.historyDir}`,
    fix: null,
  };
}

function claudeSessions(claudeConfigDir: string | null): Check {
  const name = 'claude-sessions';
  if (claudeConfigDir === null) return { name, works: null, detail: 'no directory is configured', fix: null };
  const dir = join(claudeConfigDir, 'sessions');
  try {
    const files = readdirSync(dir).filter((file) => file.endsWith('.json'));
    return { name, works: true, detail: `${files.length} records in ${dir}`, fix: null };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      const fix = 'Nothing to do without Claude Code; else set claudeConfigDir to its directory.';
      return { name, works: null, detail: `${dir} does not exist`, fix };
    }
    return {
      name,
      works: false,
      detail: `${dir} cannot be read (${code})`,
      fix: `Make ${dir} readable for this user.`,
    };
  }
}

function projects(found: readonly string[]): Check {
  const detail =
    found.length === 0
      ? 'no project with .claude-flow/, .hive-mind/ or memory/ is known'
      : `files of Claude-Flow and the memory bank are read in ${found.join(', ')}`;
  return { name: 'projects', works: found.length === 0 ? null : true, detail, fix: null };
}

/** Claude-Flow's own figures: what of them can be read. They hold no memory of single processes, so no report uses them. */
function claudeFlowMetrics(project: string): Check[] {
  const files = Object.values(createClaudeFlowMetrics({ project }).read());
  const read = files.filter(({ value }) => value !== null).map(({ path }) => basename(path));
  const torn = files.filter(({ value, problem }) => value === null && problem !== null && problem !== 'does not exist');
  if (read.length === 0 && torn.length === 0) return [];
  const problems = torn.map(({ path, problem }) => `${basename(path)} ${problem}`);
  return [
    {
      name: 'claude-flow',
      works: torn.length === 0,
      detail: `metrics of ${project}: ${[...(read.length === 0 ? [] : [`${read.join(', ')} read`]), ...problems].join('; ')}`,
      fix: torn.length === 0 ? null : 'Claude-Flow rewrites these files in place: ask again in a moment.',
    },
  ];
}

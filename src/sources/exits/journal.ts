import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine, LogSource } from '../../model/index.ts';

const PROGRAM = '/usr/bin/journalctl';
/** An answer that takes longer than this is not waited for: the journal of a machine in trouble may be slow. */
const DEADLINE_MS = 5_000;
const MAX_BYTES = 1024 * 1024;
const MAX_LINES = 400;

/** Each is one condition; the journal shows what meets any of them. */
const FIELDS = {
  kernel: ['_TRANSPORT=kernel'],
  daemons: [
    '_SYSTEMD_UNIT=systemd-oomd.service',
    '_SYSTEMD_UNIT=earlyoom.service',
    // systemd-coredump's message (SD_MESSAGE_COREDUMP), and the service manager's about units that lost processes to it.
    'MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1',
    '_COMM=systemd',
  ],
} as const;

/** Kept over reboots, or only in RAM (journald.conf(5), `Storage=`). */
const DIRECTORIES = ['/var/log/journal', '/run/log/journal'];

/** 'shut': there is a journal of the system, and this user may not read it; journalctl then prints nothing and is content. */
export function systemJournal(directories: readonly string[] = DIRECTORIES): 'open' | 'shut' | 'none' {
  let found: 'shut' | 'none' = 'none';
  for (const directory of directories) {
    try {
      for (const machine of readdirSync(directory)) {
        const path = join(directory, machine, 'system.journal');
        if (!existsSync(path)) continue;
        found = 'shut';
        accessSync(path, constants.R_OK);
        return 'open';
      }
    } catch {
      // Not there, or shut: the next directory may tell.
    }
  }
  return found;
}

/**
 * Lines of systemd's journal. Members of `systemd-journal` or `adm` and root see them; for others it shows nothing but
 * their own, which is not the same as "nothing happened": then this is null.
 */
export async function readJournal(
  what: keyof typeof FIELDS,
  fromMs: number,
  toMs: number,
  program: string = PROGRAM,
  directories: readonly string[] = DIRECTORIES,
): Promise<LogLine[] | null> {
  if (!existsSync(program) || systemJournal(directories) !== 'open') return null;
  const conditions = FIELDS[what].flatMap((field, index) => (index === 0 ? [field] : ['+', field]));
  const args = [
    '--output=json',
    '--output-fields=MESSAGE,_SYSTEMD_UNIT,_TRANSPORT,MESSAGE_ID,_COMM',
    '--no-pager',
    `--lines=${MAX_LINES}`,
    `--since=@${Math.floor(fromMs / 1000)}`,
    `--until=@${Math.ceil(toMs / 1000)}`,
    ...conditions,
  ];
  const { stdout, stderr, failed } = await run(program, args);
  // "Hint: You are currently not seeing messages from other users and the system."; "No journal files were found."
  if (failed || /not seeing messages|No journal files|insufficient permissions/i.test(stderr)) return null;
  return stdout.split('\n').flatMap((line) => parseEntry(line) ?? []);
}

function run(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string; failed: boolean }> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: DEADLINE_MS, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES, env: { LC_ALL: 'C' } },
      (error, stdout, stderr) => resolve({ stdout, stderr, failed: error !== null }),
    );
  });
}

function parseEntry(line: string): LogLine | null {
  try {
    const fields = JSON.parse(line) as Record<string, unknown>;
    const text = fields['MESSAGE'];
    const atMs = Math.round(Number(fields['__REALTIME_TIMESTAMP']) / 1000);
    if (typeof text !== 'string' || !Number.isFinite(atMs)) return null;
    return { atMs, source: sourceOf(fields), text };
  } catch {
    return null;
  }
}

function sourceOf(fields: Readonly<Record<string, unknown>>): LogSource {
  if (fields['_TRANSPORT'] === 'kernel') return 'kernel';
  if (fields['_SYSTEMD_UNIT'] === 'systemd-oomd.service') return 'systemd-oomd';
  if (fields['_SYSTEMD_UNIT'] === 'earlyoom.service') return 'earlyoom';
  return fields['_COMM'] === 'systemd' ? 'systemd' : 'systemd-coredump';
}

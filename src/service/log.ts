import { appendFileSync, renameSync, statSync } from 'node:fs';
import { redactText, sanitise } from '../untrusted/index.ts';

export interface Log {
  info(message: string): void;
  problem(message: string, error: unknown): void;
}

/** With its predecessor 1 MiB at most: months of starts and stops, or the first hours of a fault that repeats. */
export const MAX_LOG_BYTES = 512 * 1024;
/** The same problem every second says nothing more; it is written again after this time, with a count. */
const REPEAT_MS = 10 * 60_000;
const MAX_REMEMBERED = 64;

export function rotateLog(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
}

/** One JSON object a line. Never throws: a full disk must not end the service. */
export function createFileLog(path: string, nowMs: () => number): Log {
  const problems = new Map<string, { atMs: number; count: number }>();

  const write = (entry: Readonly<Record<string, unknown>>): void => {
    try {
      rotateLog(path);
      appendFileSync(
        path,
        `${JSON.stringify({ time: new Date(nowMs()).toISOString(), pid: process.pid, ...entry })}\n`,
        {
          mode: 0o600,
        },
      );
    } catch {
      // There is nowhere to say it.
    }
  };

  return {
    info: (message) => write({ level: 'info', message }),
    problem: (message, error) => {
      const detail = sanitise(redactText(error instanceof Error ? error.message : String(error)), 500);
      const key = `${message}: ${detail}`;
      const known = problems.get(key);
      if (known !== undefined && nowMs() - known.atMs < REPEAT_MS) {
        known.count += 1;
        return;
      }
      if (problems.size >= MAX_REMEMBERED) problems.clear();
      problems.set(key, { atMs: nowMs(), count: 0 });
      write({ level: 'error', message, detail, repeated: known?.count ?? 0, stack: stackOf(error) });
    },
  };
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error && error.stack !== undefined ? sanitise(redactText(error.stack), 2_000) : undefined;
}

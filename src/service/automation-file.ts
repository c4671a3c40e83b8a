import type { AutomationState } from './automation.ts';
import { createStateFile, type StateFile, type StateFileOptions } from './state-file.ts';

const MAX_BYTES = 1024 * 1024;

export function createAutomationFile(
  path: string,
  onProblem: StateFileOptions<AutomationState>['onProblem'],
): StateFile<AutomationState> {
  return createStateFile({
    path,
    name: 'counts of automatic actions',
    maxBytes: MAX_BYTES,
    parse: readAutomation,
    onProblem,
  });
}

function readAutomation(stored: unknown): AutomationState | null {
  const { version, begunMs } = (stored ?? {}) as { version?: unknown; begunMs?: unknown };
  if (version !== 1 || !Array.isArray(begunMs) || begunMs.length > 10_000) return null;
  const times = begunMs.filter((time): time is number => typeof time === 'number' && Number.isFinite(time));
  return times.length === begunMs.length ? { version: 1, begunMs: times } : null;
}

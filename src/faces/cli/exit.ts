import { RampartError, type ErrorCode, type Severity } from '../../model/index.ts';

/**
 * Exit codes. 0–3 are `health`'s severities; from 64 on they are those of BSD sysexits(3), which shells and cron know.
 */
export const EXIT = {
  ok: 0,
  usage: 64,
  dataError: 65,
  unavailable: 69,
  internal: 70,
  io: 74,
  noPermission: 77,
  config: 78,
} as const;

export const SEVERITY_EXIT: Readonly<Record<Severity, number>> = { ok: 0, warning: 1, critical: 2, emergency: 3 };

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  'bad-input': EXIT.usage,
  'bad-config': EXIT.config,
  'not-found': EXIT.dataError,
  'not-permitted': EXIT.noPermission,
  unsupported: EXIT.unavailable,
  'service-unavailable': EXIT.unavailable,
  'service-busy': EXIT.unavailable,
  'version-mismatch': EXIT.unavailable,
  timeout: EXIT.unavailable,
  io: EXIT.io,
  corrupt: EXIT.dataError,
  internal: EXIT.internal,
};

export function exitCodeOf(error: RampartError): number {
  // A newer service may answer with a code that this client does not know yet.
  return (BY_CODE as Readonly<Record<string, number | undefined>>)[error.code] ?? EXIT.internal;
}

/** The exit code of a process that a signal ended, as shells report it. */
export function signalExit(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): number {
  return 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal];
}

/** Every failure as one that says what to do next. */
export function asRampartError(cause: unknown): RampartError {
  if (cause instanceof RampartError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new RampartError(
    'internal',
    message,
    'This is a fault of Rampart: run again with RAMPART_DEBUG=1 and report it.',
    cause,
  );
}

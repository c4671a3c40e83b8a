import type { ExitStatus } from '../model/index.ts';

/** Linux, x86 and ARM alike (signal(7)); others have no names here. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

const signalName = (number: number): string => NAMES[number] ?? `SIG${number}`;

/** What wait(2) would have given: the low seven bits are the signal, the eighth a core dump, the next eight the code. */
export function decodeStatus(status: number): Pick<ExitStatus, 'code' | 'signal' | 'dumpedCore'> {
  const number = status & 0x7f;
  return number === 0
    ? { code: (status >> 8) & 0xff, signal: null, dumpedCore: false }
    : { code: null, signal: signalName(number), dumpedCore: (status & 0x80) !== 0 };
}

/** The signal that ended it, or that it says ended it: programs that catch one leave with 128 + its number. */
export function signalOf({ code, signal }: Pick<ExitStatus, 'code' | 'signal'>): string | null {
  if (signal !== null) return signal;
  return code !== null && code > 128 && code < 160 ? (NAMES[code - 128] ?? null) : null;
}

/** Raised by the kernel or by the program against itself when something is broken. */
const FAULTS: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGSYS', 'SIGILL', 'SIGTRAP', 'SIGABRT']);
/** How V8 gives up: abort(3), or an instruction that traps. */
const ABORTS: ReadonlySet<string> = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL']);

export const isFault = (signal: string | null): boolean => signal !== null && FAULTS.has(signal);
export const isAbort = (signal: string | null): boolean => signal !== null && ABORTS.has(signal);

/** 'signal SIGKILL', 'exit code 1'. */
export function statusText({ code, signal }: Pick<ExitStatus, 'code' | 'signal'>): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

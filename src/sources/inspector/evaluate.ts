import type * as inspector from 'node:inspector';
import type * as perfHooks from 'node:perf_hooks';
import type * as v8 from 'node:v8';
import type * as workerThreads from 'node:worker_threads';
import { RampartError } from '../../model/index.ts';
import { CALL_TIMEOUT_MS, type Cdp } from './cdp.ts';

interface Modules {
  readonly inspector: typeof inspector;
  readonly perf_hooks: typeof perfHooks;
  readonly v8: typeof v8;
  readonly worker_threads: typeof workerThreads;
}
/** Gives the process's own built-in modules. */
export type Load = <Name extends keyof Modules>(name: Name) => Modules[Name];

/** The file of our own functions inside a process, so that they are known in its profiles. */
export const PROBE_URL = 'rampart:probe';

/**
 * Runs a function of ours inside the process and answers with what it returns. It is sent as text, so it may use nothing
 * but its argument and `load`, which gives built-in modules. What comes back was made by code that may have changed every
 * built-in: it is untrusted, and read field by field by whoever asked.
 */
export async function evaluate<A>(
  cdp: Cdp,
  work: (load: Load, argument: A) => unknown,
  argument: A,
  timeoutMs = CALL_TIMEOUT_MS,
): Promise<unknown> {
  const load = `(name) => (process.getBuiltinModule ? process.getBuiltinModule(name) : require(name))`;
  const answer = await cdp.send(
    'Runtime.evaluate',
    {
      // Compilers that keep names wrap nested functions in `__name`, which is not there.
      expression: `(function () { const __name = (f) => f; return JSON.stringify((${work.toString()})(${load}, ${JSON.stringify(argument)}) ?? null); })()\n//# sourceURL=${PROBE_URL}`,
      returnByValue: true,
      // `require` inside the expression, on versions without getBuiltinModule.
      includeCommandLineAPI: true,
      silent: true,
      awaitPromise: false,
    },
    timeoutMs,
  );
  const value = (answer['result'] as { value?: unknown } | undefined)?.value;
  if (answer['exceptionDetails'] === undefined && typeof value === 'string') return JSON.parse(value);
  throw new RampartError(
    'io',
    'the process could not tell its figures',
    'It has changed built-in functions of Node: `rampart inspect PID --no-attach` tells the rest.',
  );
}

/** A number of untrusted origin: finite and not negative, else null. */
export function figure(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

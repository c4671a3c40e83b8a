import type { Evidence, Runtime } from '../../model/index.ts';
import { defineKiller, WEIGHT } from '../define-killer.ts';
import { dumpedCore, faulted } from '../log-line.ts';
import { isAbort, isFault, signalOf, statusText } from '../exit-status.ts';
import { isNear, type DeathSigns } from '../signs.ts';

/** Their interpreters leave with 1 on an uncaught error; so does `process.exit(1)`, which is one guess in four then. */
const UNCAUGHT_IS_ONE: ReadonlySet<Runtime> = new Set(['node', 'bun', 'deno', 'python']);
/** Node's own codes for ends that no program asks for (nodejs.org/api/process.html, "Exit codes"). */
const NODE_INTERNAL = new Set([3, 4, 5, 6, 7, 8, 10, 13, 14]);

/** A fault in the program, or an error that nothing in it caught. */
export const crash = defineKiller({
  killer: 'crash',
  title: 'a crash of its own',
  weigh(signs) {
    const { exit, process, report, core } = signs;
    const name = exit === null ? null : signalOf(exit);
    const evidence = traces(signs);
    if (report?.trigger === 'Exception') {
      evidence.push({ kind: 'node-report', detail: 'Its diagnostic report says that an exception was not caught.' });
      return { weight: WEIGHT.counted, evidence };
    }
    if (exit === null) return { weight: core || evidence.length > 0 ? WEIGHT.counted : WEIGHT.remote, evidence };
    if (isFault(name)) {
      evidence.unshift({
        kind: 'fault',
        detail: `It ended by ${statusText(exit)}, which the kernel sends for a fault.`,
      });
      // An abort of Node has a name of its own.
      const other = process.runtime === 'node' && isAbort(name);
      return { weight: other ? WEIGHT.remote : evidence.length > 1 ? WEIGHT.counted : WEIGHT.fits, evidence };
    }
    if (exit.code === 1 && UNCAUGHT_IS_ONE.has(process.runtime)) {
      evidence.push({
        kind: 'exit-one',
        detail: `It left with code 1, as ${process.runtime} does on an uncaught error.`,
      });
      return { weight: WEIGHT.fits, evidence };
    }
    if (process.runtime === 'node' && exit.code !== null && NODE_INTERNAL.has(exit.code)) {
      evidence.push({
        kind: 'node-code',
        detail: `Node itself left with code ${exit.code}, its own word for a failure.`,
      });
      return { weight: WEIGHT.fits, evidence };
    }
    return null;
  },
});

/** Written down by the kernel or by the keeper of core dumps. */
function traces(signs: DeathSigns): Evidence[] {
  const { pid } = signs.process;
  const lines = [...(signs.kernelLog ?? []), ...(signs.daemonLog ?? [])].filter(({ atMs }) => isNear(atMs, signs));
  const found: Evidence[] = [];
  const fault = lines.map(({ text }) => faulted(text)).find((one) => one?.pid === pid);
  if (fault != null) found.push({ kind: 'kernel-log', detail: `The kernel's log has a fault of it: ${fault.what}.` });
  const dumped = signs.core || signs.exit?.dumpedCore === true || lines.some(({ text }) => dumpedCore(text) === pid);
  if (dumped) found.push({ kind: 'core-dump', detail: 'It left a core dump.' });
  return found;
}

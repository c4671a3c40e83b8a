import { defineKiller, WEIGHT, weighed } from '../define-killer.ts';
import { isAbort, signalOf, statusText } from '../exit-status.ts';

/** Node gave up by itself: a failed check in V8 or in native code, `process.abort()`, `--abort-on-uncaught-exception`. */
export const v8Abort = defineKiller({
  killer: 'v8-abort',
  title: 'Node itself, by an abort',
  weigh({ exit, process, report }) {
    if (process.runtime !== 'node') return null;
    if (exit === null) return report?.trigger === 'FatalError' ? weighed(WEIGHT.counted, 'node-report', FATAL) : null;
    if (!isAbort(signalOf(exit))) return null;
    if (report?.trigger === 'FatalError') return weighed(WEIGHT.counted, 'node-report', FATAL);
    return weighed(WEIGHT.fits, 'abort', `It ended by ${statusText(exit)}, the way Node and V8 give up.`);
  },
});

const FATAL = 'Its diagnostic report says that a fatal error ended it.';

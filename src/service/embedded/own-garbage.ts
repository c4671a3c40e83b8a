import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * This process's own `gc()`, without a flag at its start: V8 gives it to a context that is made while the flag is set
 * (Node's documentation of v8.setFlagsFromString warns of flags set late; this one only decides what a new context has).
 */
export function openGc(): () => void {
  setFlagsFromString('--expose-gc');
  try {
    const gc: unknown = runInNewContext('gc');
    return typeof gc === 'function' ? () => void gc() : () => undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}

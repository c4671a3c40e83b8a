import { RampartError } from '../model/index.ts';

/** A failure to write a capture, as one that says what to do. */
export function diskError(error: unknown): RampartError {
  if (error instanceof RampartError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new RampartError(
      'io',
      'the disk is full: the capture was not kept',
      'Free some space, or set RAMPART_STATE_DIR to a directory on another disk.',
      error,
    );
  }
  return new RampartError('io', `the capture could not be written: ${message}`, 'Run `rampart doctor`.', error);
}

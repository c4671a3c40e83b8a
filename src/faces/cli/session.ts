import { type Rampart, RampartError } from '../../model/index.ts';
import type { CliDeps } from './command.ts';

/** Asks the running service; without one, an engine of our own that looks once. */
export async function openEither(deps: CliDeps, oneShot: boolean): Promise<Rampart> {
  if (oneShot) return deps.openPrivate();
  try {
    return await deps.connect();
  } catch (cause) {
    if (cause instanceof RampartError && cause.code === 'service-unavailable') return deps.openPrivate();
    throw cause;
  }
}

/** Runs `use` and closes what was opened, whatever happens. */
export async function using<T>(opening: Promise<Rampart>, use: (rampart: Rampart) => Promise<T>): Promise<T> {
  const rampart = await opening;
  try {
    return await use(rampart);
  } finally {
    await rampart.close();
  }
}

/** The flag that `status`, `health`, `doctor` and `top` share. */
export const ONE_SHOT_ARG = {
  'one-shot': { type: 'boolean', description: 'Take an own look, even if a service runs' },
} as const;

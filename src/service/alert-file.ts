import { readState, type AlertState } from '../alerts/index.ts';
import { createStateFile, type StateFile, type StateFileOptions } from './state-file.ts';

/** Alerts, silences and what people were told. */
export type AlertFile = StateFile<AlertState>;

/** A thousand alerts take about 1 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

export function createAlertFile(path: string, onProblem: StateFileOptions<AlertState>['onProblem']): AlertFile {
  return createStateFile({ path, name: 'alerts', maxBytes: MAX_BYTES, parse: readState, onProblem });
}

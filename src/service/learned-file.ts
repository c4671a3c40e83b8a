import type { LearnedState } from '../advice/index.ts';
import { readLearned } from '../advice/learning/state.ts';
import { createStateFile, type StateFile, type StateFileOptions } from './state-file.ts';

/** A thousand cases and 256 roles take about 2 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

export function createLearnedFile(
  path: string,
  onProblem: StateFileOptions<LearnedState>['onProblem'],
): StateFile<LearnedState> {
  return createStateFile({ path, name: 'what was learned', maxBytes: MAX_BYTES, parse: readLearned, onProblem });
}

import type { Attribution, LifeSigns } from '../../model/index.ts';
import type { ProcessRow } from '../row.ts';

/** One process with all that a verdict rests on. `signs` null: not read at this look. */
export interface LifecycleRow extends ProcessRow {
  readonly attribution: Attribution;
  readonly signs: LifeSigns | null;
}

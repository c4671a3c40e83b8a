import * as z from 'zod';
import { ACTION_NAMES } from '../../model/index.ts';
import { NOTHING_LEARNED, type LearnedState } from './index.ts';

/** What stands on disk may be torn, of another version, or somebody's attempt: every figure is checked, or all is dropped. */

const text = z.string().max(1_024);
const time = z.number().min(0).max(8.64e15);
const weight = z.number().min(0).max(1e12);
const figure = z.number().min(-1e18).max(1e18);

const moments = z.object({ weight, weightSquares: weight, mean: figure, squares: z.number().min(0).max(1e30) });
const run = z.object({ sum: z.number().min(0).max(100), since: moments });
const results = z.partialRecord(
  z.enum(['helped', 'no-effect', 'harmful', 'unclear', 'failed', 'refused']),
  z.int().min(0),
);

const cell = z.object({
  action: z.enum(ACTION_NAMES),
  finding: text,
  role: text,
  outcomes: z.int().min(0),
  effect: moments,
  recent: moments,
  size: moments,
  helped: weight,
  neither: weight,
  damaged: weight,
  results,
  lastAtMs: time,
  fall: run,
  rise: run,
});

const sketch = z.object({
  buckets: z.record(z.string().regex(/^-?\d{1,5}$/), weight),
  samples: z.int().min(0),
  atMs: time,
});

const state = z.object({
  version: z.literal(1),
  cells: z.array(cell).max(2_000),
  widen: z.number().min(0.25).max(8),
  seen: z.array(text).max(1_000),
  usual: z.object({
    atMs: time,
    roles: z
      .array(
        z.object({
          role: text,
          sketches: z.record(z.string().max(64), sketch),
          // Left out by files of before it was counted.
          processes: z.int().min(0).default(0),
          ceilings: z.record(z.string().max(64), z.number().min(0)),
          seenAtMs: time,
        }),
      )
      .max(1_000),
  }),
});

/** Null: not in our form. */
export function readLearned(stored: unknown): LearnedState | null {
  const read = state.safeParse(stored);
  return read.success ? { ...NOTHING_LEARNED, ...read.data } : null;
}

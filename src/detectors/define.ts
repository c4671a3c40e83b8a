import type { DetectorEvidence, DetectorSample } from '../model/index.ts';
import type { Reading } from './intake.ts';
import type { Scales } from './window/scales.ts';

/**
 * How a process is watched. `service`: alive for hours to weeks, blocks of 5 minutes; growth must last for hours, because
 * caches and batches grow too. `run`: a recording of one command for about a minute, blocks of 1 second; its verdict is the
 * leak gate's own (`service/gate/verdict.ts`), the detectors only tell what they saw.
 */
export type Profile = 'service' | 'run';

/** Block width of the finest scale, ms. All durations of the detectors are multiples of it. */
export const BLOCK_MS: Readonly<Record<Profile, number>> = { service: 300_000, run: 1_000 };

/** What every detector of one process shares. */
export interface DetectorContext {
  readonly profile: Profile;
  readonly blockMs: number;
  readonly scales: Scales;
}

export interface RunningDetector {
  /** O(1) amortised. `reading` is the checked form of the sample. */
  push(reading: Reading, sample: DetectorSample): void;
  /** Pure: may be asked as often as one likes. */
  evidence(): DetectorEvidence;
  readonly stateBytes: number;
}

/** One detector: one file that exports one of these. `index.ts` lists them. */
export interface DetectorDefinition<Running extends RunningDetector = RunningDetector> {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Fields of the sample without which its score is null. */
  readonly needs: readonly (keyof DetectorSample)[];
  start(context: DetectorContext): Running;
}

export function defineDetector<Running extends RunningDetector>(
  definition: DetectorDefinition<Running>,
): DetectorDefinition<Running> {
  return definition;
}

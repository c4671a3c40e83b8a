import { DEVELOPMENT } from './families/development.ts';
import { HELD_OUT } from './families/heldout.ts';
import { SEALED } from './families/sealed.ts';
import { VALIDATION } from './families/validation.ts';
import { published, PUBLISHED_HEALTHY, PUBLISHED_LEAKING } from './families/published.ts';
import { simulate, type Trace } from './families/simulate.ts';

export type SetName = 'published' | 'development' | 'validation' | 'held-out' | 'sealed';

/** Traces of a set, made one at a time (they are large). */
export function* traces(set: SetName, seeds: number, firstSeed: number): Generator<Trace> {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    if (set === 'published') {
      for (const family of [...PUBLISHED_HEALTHY, ...PUBLISHED_LEAKING]) yield published(family, seed);
      continue;
    }
    const families = { development: DEVELOPMENT, validation: VALIDATION, 'held-out': HELD_OUT, sealed: SEALED }[set];
    for (const [name, family] of Object.entries(families)) yield simulate(name, family, seed);
  }
}

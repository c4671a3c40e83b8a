import type { Attribution, ProcessFacts, ProcessKey, RegistryClaim } from '../model/index.ts';
import { ownKind, type OwnKind } from './own-kind.ts';
import { hasEnded, type ProcessRow, type ProcessRows } from './row.ts';

/** What stood still since the last look: then the last answer still holds. */
interface Seen {
  readonly facts: ProcessFacts;
  readonly ppid: number;
  readonly processGroup: number;
  readonly sessionLeader: number;
  readonly tty: number;
  readonly ended: boolean;
  readonly kind: OwnKind;
}

/**
 * What attribution keeps between two looks: recognition of each process (regular expressions run once per process), and
 * whose it was, so that a child keeps its owner after the owner's death. Holds live processes only: what exits is
 * forgotten at the next look.
 */
export class AttributionMemory {
  readonly #seen = new Map<ProcessKey, Seen>();
  #owned: ReadonlyMap<ProcessKey, Attribution> = new Map();
  #claims: readonly RegistryClaim[] | null = null;

  /** The last answer when nothing changed since; null when anything did. O(processes), about 0.1 µs each. */
  unchanged(rows: ProcessRows, claims: readonly RegistryClaim[]): ReadonlyMap<ProcessKey, Attribution> | null {
    if (claims !== this.#claims || rows.size !== this.#seen.size) return null;
    for (const [key, row] of rows) {
      const seen = this.#seen.get(key);
      if (seen === undefined || !isSame(seen, row)) return null;
    }
    return this.#owned;
  }

  kindOf(key: ProcessKey, row: ProcessRow): OwnKind {
    const { sample, facts } = row;
    const seen = this.#seen.get(key);
    if (seen !== undefined && isSame(seen, row)) return seen.kind;
    const kind = seen !== undefined && seen.facts === facts ? seen.kind : ownKind(facts);
    const { ppid, processGroup, sessionLeader, tty } = sample;
    this.#seen.set(key, { facts, ppid, processGroup, sessionLeader, tty, ended: hasEnded(sample), kind });
    return kind;
  }

  /** What was last known about a process. */
  recall(key: ProcessKey): Attribution | null {
    return this.#owned.get(key) ?? null;
  }

  remember(answer: ReadonlyMap<ProcessKey, Attribution>, claims: readonly RegistryClaim[]): void {
    this.#owned = answer;
    this.#claims = claims;
    for (const key of this.#seen.keys()) if (!answer.has(key)) this.#seen.delete(key);
  }

  get size(): number {
    return this.#seen.size;
  }
}

function isSame(seen: Seen, { sample, facts }: ProcessRow): boolean {
  return (
    seen.facts === facts &&
    seen.ppid === sample.ppid &&
    seen.processGroup === sample.processGroup &&
    seen.sessionLeader === sample.sessionLeader &&
    seen.tty === sample.tty &&
    seen.ended === hasEnded(sample)
  );
}

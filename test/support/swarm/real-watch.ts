import { setTimeout as delay } from 'node:timers/promises';
import {
  attribute,
  AttributionMemory,
  createLifecycle,
  needsLifeSigns,
  type LifecycleRow,
} from '../../../src/agents/index.ts';
import { openSource, systemClock } from '../../../src/sources/index.ts';
import type {
  Attribution,
  LifecycleVerdict,
  ProcessFacts,
  ProcessKey,
  RegistryClaim,
} from '../../../src/model/index.ts';
import type { ProcessRow } from '../../../src/agents/index.ts';

/** This machine through the real source, looked at on demand. */
export interface RealWatch {
  /** A sweep, attribution, life signs, verdicts. Looks are at least `gapMs` apart. */
  look(claims?: readonly RegistryClaim[]): Promise<void>;
  row(pid: number): LifecycleRow;
  has(pid: number): boolean;
  attribution(pid: number): Attribution;
  verdict(pid: number): LifecycleVerdict;
  rows(): ReadonlyMap<ProcessKey, LifecycleRow>;
  close(): Promise<void>;
}

/** Half of the default, so that a test of three looks takes no ten seconds; a real client is closed in microseconds. */
const CONFIRM_MS = 300;

export function openWatch(): RealWatch {
  const source = openSource({ clock: systemClock });
  const memory = new AttributionMemory();
  const lifecycle = createLifecycle({ confirmMs: CONFIRM_MS });
  const facts = new Map<ProcessKey, ProcessFacts>();
  let rows = new Map<ProcessKey, LifecycleRow>();
  let lookedAtMs = 0;

  return {
    async look(claims = []) {
      const waitMs = lookedAtMs + CONFIRM_MS + 20 - systemClock.monotonicMs();
      if (waitMs > 0) await delay(waitMs);
      const sweep = await source.sample({ complete: true });
      for (const key of sweep.exited) facts.delete(key);
      for (const key of [...sweep.started, ...(sweep.execed ?? [])]) {
        const sample = sweep.processes.get(key);
        const found = sample === undefined ? null : await source.facts(sample);
        if (found !== null) facts.set(key, found);
      }
      const known = new Map<ProcessKey, ProcessRow>();
      for (const [key, sample] of sweep.processes) {
        const own = facts.get(key);
        if (own !== undefined) known.set(key, { sample, facts: own });
      }
      const owners = attribute(known, claims, memory);
      const wanted = [...known].filter(([key]) => needsLifeSigns(ownerOf(owners, key)));
      const signs = await source.lifeSigns(wanted.map(([, { sample }]) => sample));
      rows = new Map(
        [...known].map(([key, row]) => [
          key,
          { ...row, attribution: ownerOf(owners, key), signs: signs.get(key) ?? null },
        ]),
      );
      lifecycle.observe(systemClock.nowMs(), rows, claims);
      lookedAtMs = systemClock.monotonicMs();
    },
    row: (pid) => rowOf(rows, pid),
    has: (pid) => [...rows.values()].some(({ sample }) => sample.pid === pid),
    attribution: (pid) => rowOf(rows, pid).attribution,
    verdict: (pid) => lifecycle.verdict(rowOf(rows, pid).sample.key),
    rows: () => rows,
    close: () => source.close(),
  };
}

function rowOf(rows: ReadonlyMap<ProcessKey, LifecycleRow>, pid: number): LifecycleRow {
  for (const row of rows.values()) if (row.sample.pid === pid) return row;
  throw new Error(`pid ${pid} was not seen`);
}

function ownerOf(owners: ReadonlyMap<ProcessKey, Attribution>, key: ProcessKey): Attribution {
  const owner = owners.get(key);
  if (owner === undefined) throw new Error(`no attribution for ${key}`);
  return owner;
}

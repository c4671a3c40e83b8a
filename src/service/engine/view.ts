import type { Target, View } from '../../actions/target.ts';
import type { HostSample, ProcessKey, Severity } from '../../model/index.ts';
import { processReport } from '../../sessions/index.ts';
import { experienceOf } from '../leaks/watch.ts';
import type { World, WorldRow } from './world.ts';

/** What actions see: everything of this moment, copied, since samples are updated in place. */
export function viewOf(world: World, host: HostSample, severity: Severity, atMs: number): View {
  const registered = new Set(world.claims.map(({ pid }) => pid));
  const targets = new Map<ProcessKey, Target>();
  for (const [key, row] of world.rows) targets.set(key, targetOf(row, world, registered.has(row.sample.pid)));
  return { atMs, host, severity, targets };
}

function targetOf(row: WorldRow, world: World, isRegistered: boolean): Target {
  const { sample, facts, attribution, signs } = row;
  const verdict = world.verdict(sample.key);
  const { name, command } = processReport({ sample, facts, attribution, verdict, limit: null, cpuPercent: null });
  return {
    id: sample.key,
    pid: sample.pid,
    startTime: sample.startTime,
    ppid: sample.ppid,
    sessionLeader: sample.sessionLeader,
    name,
    command,
    cwd: facts.cwd,
    runtime: facts.runtime,
    uid: facts.uid,
    startedAtMs: facts.startedAtMs,
    attribution,
    verdict,
    signs,
    isRegistered,
    experience: experienceOf(row),
    leak: null,
    rssBytes: sample.rssBytes,
    footprint: sample.footprint,
  };
}

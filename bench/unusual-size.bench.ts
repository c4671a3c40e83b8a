/**
 * How often the rule `unusual-size` fires for nothing: days of 30 hours of a swarm without any incident, on which the usual
 * sizes are learned as the service does. Then the same days with three servers that after a day jump to 6 % of the machine
 * and stay, of kinds that are known by then: whether they are told. `UNUSUAL_PROCESSES=1000` for larger days, `UNUSUAL_FIRST=710 UNUSUAL_SEEDS=5` for others.
 * Exit code 1: a day with more than one false alert of the rule, or a jump that was not told.
 */
import { createLearning } from '../src/advice/index.ts';
import { createAlertEngine, timingOf } from '../src/alerts/index.ts';
import { ConfigSchema } from '../src/config/schema.ts';
import type { LearnedThreshold, Observation } from '../src/model/index.ts';
import { createDay } from './alerts/day.ts';
import { HOUR, MIB, type Day } from './alerts/model.ts';
import { createEyes } from './alerts/observe.ts';

const first = Number(process.env['UNUSUAL_FIRST'] ?? 700);
const seeds = Number(process.env['UNUSUAL_SEEDS'] ?? 3);
const processes = Number(process.env['UNUSUAL_PROCESSES'] ?? 80);
const HOURS = 30;
const JUMP_S = 24 * HOUR;
const JUMPS = 3;
const JUMP_SHARE = 0.06;
/** What the rule asks for before it says anything. */
const KNOWN = { samples: 1440, processes: 5 };
/** The service learns once a minute. */
const LEARN_S = 60;

interface Told {
  /** Ids of processes that an alert of the rule fired for. */
  readonly unusual: ReadonlySet<string>;
  /** Of those, with a notification of their own. */
  readonly called: ReadonlySet<string>;
  readonly jumped: readonly string[];
  /** Levels that were learned by the end. */
  readonly levels: number;
}

/** Servers of kinds that are known by then; which are not known is the rule's own affair. They live on. */
function jump(day: Day, usual: ReadonlyMap<string, LearnedThreshold>): string[] {
  const isKnown = (kind: string | null): boolean => {
    const level = usual.get(kind ?? '');
    return level !== undefined && level.samples >= KNOWN.samples && level.processes >= KNOWN.processes;
  };
  const servers = [...day.live].filter(
    ({ role, server, endS }) => role === 'server' && endS === Number.POSITIVE_INFINITY && isKnown(server),
  );
  return servers.slice(0, JUMPS).map((server) => {
    if (server.session !== null) server.session.pinned = true;
    const gain = (day.memoryTotalBytes * JUMP_SHARE) / MIB;
    server.curves.push((_, tS) => (tS >= JUMP_S ? gain : 0));
    return server.id;
  });
}

function watch(seed: number, withJumps: boolean): Told {
  const config = ConfigSchema.parse({});
  const day = createDay({ seed, processes, hours: HOURS, incidents: {} });
  const eyes = createEyes(day);
  const learning = createLearning();
  const engine = createAlertEngine({
    thresholds: config.alertThresholds,
    timing: timingOf({ cooldownMs: config.cooldownPeriods, repeatMs: config.alerts.repeat }),
    compileRegex: () => () => false,
  });
  const unusual = new Set<string>();
  const called = new Set<string>();
  let usual: ReadonlyMap<string, LearnedThreshold> = new Map();
  let jumped: string[] = [];
  for (let tS = 0; tS <= day.seconds; tS += day.stepS) {
    day.advance(tS);
    if (withJumps && tS === JUMP_S) jumped = jump(day, usual);
    const seen = eyes.look(tS);
    const observation: Observation = {
      ...seen,
      processes: seen.processes.map((process) => ({
        ...process,
        usualFootprint: usual.get(process.experience) ?? null,
      })),
    };
    const { changes, notifications } = engine.evaluate(observation);
    for (const { change, alert } of changes)
      if (change === 'fired' && alert.rule === 'unusual-size') unusual.add(alert.subject.id);
    for (const { kind, alerts } of notifications)
      if (kind !== 'resolved')
        for (const alert of alerts) if (alert.rule === 'unusual-size') called.add(alert.subject.id);
    if (tS % LEARN_S !== 0) continue;
    learning.observe(observation);
    const sizes = learning.thresholds().filter(({ metric }) => metric === 'footprintBytes');
    usual = new Map(sizes.map((level) => [level.role, level]));
  }
  return { unusual, called, jumped, levels: usual.size };
}

console.log(`${HOURS} h, ${processes} processes    fired for nothing   told for nothing   jumps told   levels learned`);
for (let seed = first; seed < first + seeds; seed += 1) {
  const healthy = watch(seed, false);
  const jumping = watch(seed, true);
  const found = jumping.jumped.filter((id) => jumping.called.has(id)).length;
  if (healthy.unusual.size > 1 || jumping.jumped.length === 0 || found < jumping.jumped.length) process.exitCode = 1;
  console.log(
    `${String(seed).padEnd(26)} ${String(healthy.unusual.size).padStart(13)} ${String(healthy.called.size).padStart(18)} ${`${found} of ${jumping.jumped.length}`.padStart(14)} ${String(healthy.levels).padStart(12)}`,
  );
}

import { createRandom } from '../leaks/families/random.ts';
import { batch, cache, context, load, saw, warmUp, wear } from './curves.ts';
import { plantIncidents } from './incidents.ts';
import { type Curve, HOUR, type Day, type Incident, MIB, type SimProcess, type SimSession } from './model.ts';

/**
 * A day of a swarm: sessions that come and go with their servers, builds, batches, caches, restarts, strangers; and in it
 * true incidents. Everything is drawn at random from the seed. Written before the rules were tuned on it.
 */

export interface DayOptions {
  readonly seed: number;
  readonly processes?: number;
  readonly hours?: number;
  /** Part of the memory that is used at the start; drawn when left out. A few processes need more room for incidents. */
  readonly usedShare?: number;
  /** Incidents of each kind; see `incidents.ts`. */
  readonly incidents?: Partial<Record<Incident['kind'], number>>;
}

export function createDay({ seed, processes = 1000, hours = 24, usedShare, incidents: wanted }: DayOptions): Day {
  const random = createRandom(seed);
  const live = new Set<SimProcess>();
  const sessions = new Set<SimSession>();
  const servers = Array.from({ length: 25 }, (_, index) => `server-${index}`);
  const sessionCount = Math.max(2, Math.round((processes * 0.7) / 9));
  let nextPid = 1000;
  let nextSession = 1;
  /** Latest level of PSI noise. */
  let spikeUntilS = 0;
  let spike = 0;

  const day: Day = {
    seconds: hours * HOUR,
    stepS: 30,
    random,
    incidents: [],
    live,
    sessions,
    memoryTotalBytes: 0,
    usedBytes: 0,
    pressureFull: 0,
    pressureSome: 0,
    start(part, tS) {
      nextPid += 1 + (nextPid % 3);
      const { role } = part;
      const following = role === 'server' && random.chance(0.15) ? load(random) : null;
      const curves: Curve[] = [warmUp(random)];
      if (random.chance(0.4)) curves.push(saw(random));
      if (role === 'server' && random.chance(0.12)) curves.push(cache(random));
      if (role !== 'tool' && random.chance(0.1)) curves.push(wear(random));
      if (role === 'agent' && random.chance(0.6)) curves.push(context(random));
      if (role === 'other' && random.chance(0.05)) curves.push(batch(random));
      if (following !== null) curves.push(following.memory);
      const idle = random.between(0.2, 5);
      const process: SimProcess = {
        id: `${nextPid}:${Math.round(tS * 100) + nextPid}`,
        session: null,
        server: null,
        startS: tS,
        endS: Number.POSITIVE_INFINITY,
        baseMib: role === 'agent' ? random.between(180, 420) : random.logBetween(25, 180),
        curves,
        cpu: following?.cpu ?? (() => idle),
        orphanS: Number.POSITIVE_INFINITY,
        duplicateS: Number.POSITIVE_INFINITY,
        swapShare: 0,
        noise: 0,
        noiseMib: random.logBetween(0.3, 6),
        ...part,
      };
      live.add(process);
      return process;
    },
    startSession(tS) {
      const session: SimSession = {
        id: `session-${nextSession++}`,
        startS: tS,
        endS: tS + Math.max(1200, random.exponential(8 * HOUR)),
        pinned: false,
        transcript: { bytes: random.logBetween(0.1, 60) * MIB, perHour: random.logBetween(0.1, 5) * MIB },
      };
      sessions.add(session);
      day.start({ role: 'agent', session }, tS);
      const count = random.integer(4, 11);
      for (let index = 0; index < count; index += 1) {
        const server = servers[random.integer(0, servers.length - 1)] ?? null;
        day.start({ role: 'server', session, server }, tS + random.between(0, 20));
      }
      return session;
    },
    membersOf: (session) => [...live].filter((process) => process.session === session),
    bytesOf(process, tS) {
      const age = Math.max(0, tS - process.startS);
      let mib = process.baseMib + process.noise;
      for (const curve of process.curves) mib += curve(age, tS);
      return Math.max(1, mib) * MIB;
    },
    advance(tS) {
      for (const process of live) {
        if (process.endS <= tS) live.delete(process);
        else process.noise = 0.9 * process.noise + process.noiseMib * 0.43 * random.normal();
      }
      for (const session of sessions) churn(session, tS);
      while (sessions.size < sessionCount) day.startSession(tS);
      for (const incident of day.incidents) incident.act(tS);
      pressure(tS);
      let used = 0;
      for (const process of live) used += day.bytesOf(process, tS);
      day.usedBytes = Math.min(used, day.memoryTotalBytes * 0.995);
    },
  };

  /** What happens to a healthy session: builds, restarts of servers, and its end. */
  const churn = (session: SimSession, tS: number): void => {
    session.transcript.bytes += (session.transcript.perHour * day.stepS) / HOUR;
    if (session.endS <= tS && !session.pinned) {
      endSession(session, tS);
      return;
    }
    if (random.chance(day.stepS / (2 * HOUR))) {
      const workers = random.integer(2, 10);
      const size = random.logBetween(80, 800);
      const until = tS + random.between(90, 600);
      for (let index = 0; index < workers; index += 1) {
        day.start(
          { role: 'tool', session, baseMib: size * random.between(0.7, 1.3), endS: until + random.between(0, 30) },
          tS,
        );
      }
    }
    if (session.pinned || !random.chance((day.stepS / HOUR) * 0.1)) return;
    const old = day.membersOf(session).find(({ role }) => role === 'server');
    if (old === undefined) return;
    old.endS = tS;
    day.start({ role: 'server', session, server: old.server }, tS);
  };

  const endSession = (session: SimSession, tS: number): void => {
    sessions.delete(session);
    const strays = random.chance(0.05);
    for (const process of day.membersOf(session)) {
      if (process.role === 'agent') process.endS = tS;
      else {
        // Most servers leave with their client; now and then one or two stay for a while.
        const stays = strays && random.chance(0.2);
        process.orphanS = tS;
        process.endS = tS + (stays ? random.between(0.5, 3) * HOUR : random.between(0, 90));
      }
    }
  };

  const pressure = (tS: number): void => {
    if (random.chance(day.stepS / (1.5 * HOUR))) {
      spike = random.between(3, 30);
      spikeUntilS = tS + random.between(5, 25);
    }
    day.pressureFull = tS < spikeUntilS ? spike : Math.max(0, random.normal());
    day.pressureSome = day.pressureFull + Math.max(0, random.between(0, 6));
    for (const incident of day.incidents) incident.press?.(tS);
  };

  for (let count = 0; count < sessionCount; count += 1) day.startSession(-random.between(0, 6) * HOUR);
  for (const session of sessions) session.endS = random.exponential(8 * HOUR) + 600;
  while (live.size < processes)
    day.start({ role: 'other', baseMib: random.logBetween(8, 400) }, -random.between(0, 90) * HOUR);
  let used = 0;
  for (const process of live) used += day.bytesOf(process, 0);
  Object.assign(day, { memoryTotalBytes: used / (usedShare ?? random.between(0.42, 0.55)) });
  Object.assign(day, { incidents: plantIncidents(day, wanted) });
  return day;
}

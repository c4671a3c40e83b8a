import { HOUR, type Day, type Incident, KINDS, MIB, type SimProcess, type SimSession } from './model.ts';

/** Twenty by default, spread over the day; those that need the whole machine are hours apart. */
export function plantIncidents(day: Day, wanted: Partial<Record<Incident['kind'], number>> = KINDS): Incident[] {
  const { random } = day;
  const hours = day.seconds / HOUR;
  const incidents: Incident[] = [];
  const wide = slots(day, (wanted.exhaustion ?? 0) + (wanted.runaway ?? 0) + (wanted.pressure ?? 0));
  const many = (kind: Incident['kind'], make: (startS: number) => Incident, at: () => number): void => {
    for (let count = 0; count < (wanted[kind] ?? 0); count += 1) incidents.push(make(at()));
  };
  const anyTime = (before: number) => (): number => random.between(0.5, Math.max(0.6, hours - before)) * HOUR;
  const nextSlot = (): number => (wide.pop() ?? 0.5) * HOUR;
  many('leak', (startS) => leak(day, startS), anyTime(10));
  many('cross-session', (startS) => crossSession(day, startS), anyTime(12));
  many('session-pile', (startS) => sessionPile(day, startS), anyTime(10));
  many('orphans', (startS) => orphans(day, startS), anyTime(2));
  many('duplicates', (startS) => duplicates(day, startS), anyTime(3));
  many('exhaustion', (startS) => exhaustion(day, startS), nextSlot);
  many('runaway', (startS) => runaway(day, startS), nextSlot);
  many('pressure', (startS) => pressure(day, startS), nextSlot);
  many('transcript', (startS) => transcript(day, startS), anyTime(8));
  return incidents;
}

/** Hours of the day, one in each equal part, shuffled. */
function slots(day: Day, count: number): number[] {
  const hours = day.seconds / HOUR - 2;
  const found = Array.from(
    { length: count },
    (_, index) => 0.5 + ((index + day.random.between(0.2, 0.6)) * hours) / count,
  );
  for (let index = found.length - 1; index > 0; index -= 1) {
    const other = day.random.integer(0, index);
    [found[index], found[other]] = [found[other] ?? 0, found[index] ?? 0];
  }
  return found;
}

function base(kind: Incident['kind'], startS: number, note: string) {
  const takesMemory = kind !== 'pressure' && kind !== 'transcript';
  return {
    kind,
    startS,
    endS: Number.POSITIVE_INFINITY,
    subjects: new Set<string>(),
    // Whatever takes memory may be why the machine is full.
    effects: new Set(takesMemory ? ['host-memory'] : []),
    note,
  };
}

/** Runs `begin` once, at the start. */
const once = (startS: number, begin: (tS: number) => void): ((tS: number) => void) => {
  let begun = false;
  return (tS) => {
    if (begun || tS < startS) return;
    begun = true;
    begin(tS);
  };
};

function oldSession(day: Day, tS: number): SimSession {
  const free = [...day.sessions].filter(({ pinned, startS }) => !pinned && tS - startS > 1200);
  const session = free[day.random.integer(0, free.length - 1)] ?? day.startSession(tS - 1800);
  session.pinned = true;
  return session;
}

function serverOf(day: Day, session: SimSession): SimProcess {
  const servers = day.membersOf(session).filter(({ role }) => role === 'server');
  return (
    servers[day.random.integer(0, servers.length - 1)] ??
    day.start({ role: 'server', session, server: 'server-x' }, session.startS)
  );
}

/** Adds growth from now on, up to a cap. */
function grow(day: Day, process: SimProcess, fromS: number, mibPerHour: number, capMib: number): void {
  const { random } = day;
  const shape = random.integer(0, 2);
  const jump = random.between(2, 15);
  process.curves.push((_, tS) => {
    const gained = (mibPerHour * Math.max(0, tS - fromS)) / HOUR;
    // Straight, in steps, or with a garbage saw on top.
    const seen = shape === 1 ? Math.floor(gained / jump) * jump : shape === 2 ? gained + (tS % 400) / 40 : gained;
    return Math.min(capMib, seen);
  });
}

/** What Node 20 to 24 take as the limit of the heap on a large machine: a leaking server dies there, and is started anew. */
const HEAP_LIMIT_MIB = 4096;

function leak(day: Day, startS: number): Incident {
  const { random } = day;
  const rate = random.logBetween(20, 1200);
  const hidden = random.chance(0.2);
  const who = random.uniform();
  let leaking: SimProcess | null = null;
  const incident: Incident = {
    ...base('leak', startS, `${Math.round(rate)} MiB/h${hidden ? ', in swap' : ''}`),
    act: (tS) => {
      if (tS < startS) return;
      if (leaking === null) {
        const session = who < 0.85 ? oldSession(day, tS) : null;
        leaking =
          session === null
            ? day.start({ role: 'other', baseMib: random.between(60, 300) }, tS - 4 * HOUR)
            : who < 0.7
              ? serverOf(day, session)
              : (day.membersOf(session).find(({ role }) => role === 'agent') ?? serverOf(day, session));
        if (session !== null) incident.subjects.add(session.id);
      } else if (day.bytesOf(leaking, tS) >= HEAP_LIMIT_MIB * MIB) {
        leaking.endS = tS;
        const { role, session, server, baseMib } = leaking;
        leaking = day.start({ role, session, server, baseMib }, tS);
      } else return;
      if (hidden) leaking.swapShare = 0.8;
      incident.subjects.add(leaking.id);
      grow(day, leaking, tS, rate, Number.POSITIVE_INFINITY);
    },
  };
  return incident;
}

function crossSession(day: Day, startS: number): Incident {
  const { random } = day;
  const copies = random.integer(4, 7);
  const rate = random.logBetween(40, 300);
  const incident: Incident = {
    ...base('cross-session', startS, `${copies} × ${Math.round(rate)} MiB/h`),
    act: once(startS, (tS) => {
      const server = `leaky-${random.integer(0, 99)}`;
      incident.subjects.add(server);
      for (let copy = 0; copy < copies; copy += 1) {
        const session = oldSession(day, tS);
        const process = day.start({ role: 'server', session, server }, tS - random.between(0.2, 1) * HOUR);
        grow(day, process, tS, rate * random.between(0.7, 1.4), 4096);
        incident.subjects.add(process.id).add(session.id);
      }
    }),
  };
  return incident;
}

/** A session that leaves a helper behind with every task. */
function sessionPile(day: Day, startS: number): Incident {
  const { random } = day;
  const perHour = random.between(6, 25);
  const size = random.between(40, 120);
  let session: SimSession | null = null;
  let lastS = startS;
  const incident: Incident = {
    ...base('session-pile', startS, `${Math.round(perHour)} processes/h of ${Math.round(size)} MiB`),
    act: (tS) => {
      if (tS < startS) return;
      if (session === null) {
        session = oldSession(day, tS);
        incident.subjects.add(session.id);
      }
      if (tS - lastS < HOUR / perHour) return;
      lastS = tS;
      const helper = day.start({ role: 'tool', session, baseMib: size }, tS);
      incident.subjects.add(helper.id);
    },
  };
  return incident;
}

/** Sessions that crash leave all their servers, at once or one after the other. */
function orphans(day: Day, startS: number): Incident {
  const { random } = day;
  const count = random.integer(12, 60);
  const overS = random.chance(0.5) ? 60 : random.between(0.5, 2) * HOUR;
  const staysS = overS + random.between(1.5, 6) * HOUR;
  let left = 0;
  const incident: Incident = {
    ...base('orphans', startS, `${count} within ${Math.round(overS / 60)} min`),
    act: (tS) => {
      if (tS < startS) return;
      incident.endS = startS + staysS;
      const due = Math.min(count, Math.ceil((count * (tS - startS + day.stepS)) / overS));
      for (; left < due; left += 1) {
        const orphan = day.start(
          { role: 'server', server: `server-${random.integer(0, 24)}`, endS: startS + staysS },
          tS - random.between(0.5, 5) * HOUR,
        );
        orphan.orphanS = tS;
      }
    },
  };
  incident.subjects.add('orphan');
  return incident;
}

function duplicates(day: Day, startS: number): Incident {
  const { random } = day;
  const count = random.integer(12, 40);
  const overS = random.between(0.3, 2) * HOUR;
  let session: SimSession | null = null;
  let made = 0;
  const incident: Incident = {
    ...base('duplicates', startS, `${count} within ${Math.round(overS / 60)} min`),
    act: (tS) => {
      if (tS < startS || made >= count) return;
      if (session === null) {
        session = oldSession(day, tS);
        incident.subjects.add(session.id);
      }
      const due = Math.min(count, Math.ceil((count * (tS - startS)) / overS));
      for (; made < due; made += 1) day.start({ role: 'server', session, server: 'server-1', duplicateS: tS }, tS);
    },
  };
  return incident;
}

/** Some program that belongs to nobody fills the machine, and is killed. */
function exhaustion(day: Day, startS: number): Incident {
  const { random } = day;
  const takesS = random.logBetween(15, 90) * 60;
  const peak = random.between(0.93, 0.98);
  let process: SimProcess | null = null;
  const incident: Incident = {
    ...base('exhaustion', startS, `full in ${Math.round(takesS / 60)} min`),
    act: (tS) => {
      if (tS < startS || incident.endS < tS) return;
      if (process === null) {
        process = day.start({ role: 'other', baseMib: 200 }, tS - 2 * HOUR);
        incident.subjects.add(process.id).add('host-memory');
        const mib = (day.memoryTotalBytes - day.usedBytes) / MIB;
        grow(day, process, tS, (mib / takesS) * HOUR, mib);
      }
      if (day.usedBytes < day.memoryTotalBytes * peak) return;
      process.endS = tS;
      incident.endS = tS;
    },
  };
  return incident;
}

/** A session that eats the machine: its agent, or ever more children. */
function runaway(day: Day, startS: number): Incident {
  const { random } = day;
  const takesS = random.logBetween(12, 60) * 60;
  const peak = random.between(0.85, 0.96);
  const forks = random.chance(0.5);
  const grown: SimProcess[] = [];
  let session: SimSession | null = null;
  let mib = 0;
  let lastS = startS;
  const incident: Incident = {
    ...base('runaway', startS, `${forks ? 'by forks' : 'by its agent'}, full in ${Math.round(takesS / 60)} min`),
    act: (tS) => {
      if (tS < startS || incident.endS < tS) return;
      if (session === null) {
        session = oldSession(day, tS);
        incident.subjects.add(session.id).add('host-memory');
        mib = (day.memoryTotalBytes - day.usedBytes) / MIB;
        if (!forks) {
          const agent = day.membersOf(session).find(({ role }) => role === 'agent') ?? serverOf(day, session);
          grow(day, agent, tS, (mib / takesS) * HOUR, mib);
          grown.push(agent);
        }
      }
      if (forks) {
        const size = random.between(500, 2700);
        for (; lastS < tS; lastS += size / (mib / takesS)) {
          const child = day.start({ role: 'tool', session, baseMib: size }, tS);
          grown.push(child);
        }
      }
      for (const { id } of grown) incident.subjects.add(id);
      if (day.usedBytes < day.memoryTotalBytes * peak) return;
      for (const process of grown) process.endS = tS;
      session.pinned = false;
      session.endS = tS;
      incident.endS = tS;
    },
  };
  return incident;
}

function pressure(day: Day, startS: number): Incident {
  const { random } = day;
  const lastsS = random.between(3, 20) * 60;
  const height = random.between(15, 75);
  const incident: Incident = {
    ...base('pressure', startS, `${Math.round(height)} % for ${Math.round(lastsS / 60)} min`),
    act: () => {
      incident.endS = startS + lastsS;
    },
    press: (tS) => {
      if (tS < startS || tS > startS + lastsS) return;
      day.pressureFull = Math.max(0, Math.min(100, height * random.between(0.8, 1.2)));
      day.pressureSome = Math.min(100, day.pressureFull * random.between(1.1, 1.6));
    },
  };
  incident.subjects.add('host');
  return incident;
}

function transcript(day: Day, startS: number): Incident {
  const { random } = day;
  const rate = random.logBetween(60, 600);
  const incident: Incident = {
    ...base('transcript', startS, `${Math.round(rate)} MiB/h`),
    act: once(startS, (tS) => {
      const session = oldSession(day, tS);
      session.transcript.perHour = rate * MIB;
      incident.subjects.add(session.id).add(`~/${session.id}.jsonl`);
    }),
  };
  return incident;
}

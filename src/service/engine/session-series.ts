import type { ProcessKey, SubjectId } from '../../model/index.ts';
import type { EventStream } from './events.ts';
import type { Recorder } from './recorder.ts';
import type { WorldRow } from './world.ts';

type Rows = ReadonlyMap<ProcessKey, WorldRow>;

/** Sums of every session over its processes, at one time. */
export function recordSessions(recorder: Recorder, rows: Rows, tMs: number): void {
  for (const [sessionId, members] of bySession(rows)) {
    let [rssBytes, pssBytes, swapBytes, complete] = [0, 0, 0, true];
    for (const { sample } of members) {
      rssBytes += sample.rssBytes;
      if (sample.footprint === null) {
        complete = complete && sample.state === 'zombie';
        continue;
      }
      pssBytes += sample.footprint.pssBytes;
      swapBytes += sample.footprint.swapBytes;
    }
    recorder.session(sessionId, tMs, {
      rssBytes,
      pssBytes: complete ? pssBytes : null,
      swapBytes: complete ? swapBytes : null,
      processCount: members.length,
    });
  }
}

/** Processes of sessions whose agent lives. */
function bySession(rows: Rows): Map<string, WorldRow[]> {
  const sessions = new Map<string, WorldRow[]>();
  for (const row of rows.values()) {
    const { sessionId, agent } = row.attribution;
    if (sessionId === null || agent === null) continue;
    const members = sessions.get(sessionId);
    if (members === undefined) sessions.set(sessionId, [row]);
    else members.push(row);
  }
  return sessions;
}

export interface SessionWatch {
  /** Publishes what started and ended since the last call. */
  update(rows: Rows, atMs: number): void;
  /** Subjects that a query can ask for. */
  examples(rows: Rows): readonly SubjectId[];
}

const MAX_EXAMPLES = 6;

export function watchSessions(events: EventStream): SessionWatch {
  let known = new Map<string, string>();
  return {
    update: (rows, atMs) => {
      const now = new Map<string, string>();
      for (const { attribution } of rows.values()) {
        if (attribution.role !== 'agent' || attribution.sessionId === null) continue;
        now.set(attribution.sessionId, attribution.client ?? 'unknown');
      }
      for (const [sessionId, client] of now) {
        if (!known.has(sessionId)) events.publish({ type: 'session:started', atMs, sessionId, client });
      }
      for (const [sessionId, client] of known) {
        if (!now.has(sessionId)) events.publish({ type: 'session:ended', atMs, sessionId, client });
      }
      known = now;
    },
    examples: (rows) => {
      const largest = [...rows.values()].toSorted((a, b) => b.sample.rssBytes - a.sample.rssBytes)[0];
      return [
        'host',
        'rampart',
        ...[...known.keys()].slice(0, MAX_EXAMPLES).map((sessionId) => `session:${sessionId}`),
        ...(largest === undefined ? [] : [largest.sample.key]),
      ];
    },
  };
}

import * as z from 'zod';
import { ALERT_TYPES, type Notification, type Silence } from '../model/index.ts';
import type { Group } from './groups.ts';
import type { Life } from './life.ts';

/** What outlives a restart: alerts with their timers, silences, and what people were told. Plain JSON. */
export interface AlertState {
  readonly version: 1;
  readonly savedAtMs: number;
  readonly lives: readonly Life[];
  readonly silences: readonly Silence[];
  readonly groups: readonly (readonly [string, Group])[];
  /** Decided, and perhaps not handed on before the end: the next service does, under the same ids. */
  readonly untold: readonly Notification[];
}

/** More is no state of ours: at most 500 resolved alerts are kept, and nobody watches that many subjects at once. */
const MAX_LIVES = 5_000;
const text = z.string().max(8_192);
const time = z.number().min(0).max(8.64e15);
const level = z.enum(['warning', 'critical', 'emergency']);
const evidence = z.array(z.object({ kind: text, detail: text })).max(100);
const times = z.object({ warning: time.nullable(), critical: time.nullable(), emergency: time.nullable() });

const alert = z.object({
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  rule: text,
  type: z.enum(ALERT_TYPES),
  level,
  state: z.enum(['pending', 'firing', 'resolved']),
  labels: z.record(z.string().max(64), text),
  subject: z.object({ kind: z.enum(['host', 'session', 'process', 'server', 'file']), id: text, name: text }),
  title: text,
  detail: text,
  evidence,
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  unit: z.enum(['bytes', 'bytes-per-hour', 'share', 'percent', 'count', 'ms']).nullable(),
  forecast: z
    .object({
      limitBytes: z.number(),
      limitSource: text,
      atMs: z.number(),
      earliestMs: z.number(),
      latestMs: z.number().nullable(),
      confidence: z.number(),
    })
    .nullable(),
  activeAtMs: time,
  firedAtMs: time.nullable(),
  seenAtMs: time,
  resolvedAtMs: time.nullable(),
  acknowledged: z.object({ by: text, atMs: time, untilMs: time }).nullable(),
  silencedBy: text.nullable(),
  inhibitedBy: text.nullable(),
  flapping: z.boolean(),
  groupKey: text,
  notifications: z.int().min(0),
  notifiedAtMs: time.nullable(),
  next: z.array(text).max(10),
});

const life = z.object({
  alert,
  key: text,
  sinceMs: times,
  trueAtMs: time,
  levelAtMs: time,
  toldLevel: level.nullable(),
  toldFlapping: z.boolean(),
  ring: z.object({
    bits: z
      .int()
      .min(0)
      .max(2 ** 21),
    count: z.int().min(0).max(21),
    sampledAtMs: time,
  }),
});

const silence = z.object({
  id: text,
  matchers: z
    .array(z.object({ label: text, value: text, isRegex: z.boolean() }))
    .min(1)
    .max(10),
  startsAtMs: time,
  endsAtMs: time,
  by: text,
  reason: text,
});

const notification = z.object({
  id: text,
  atMs: time,
  kind: z.enum(['firing', 'escalated', 'repeat', 'resolved', 'flapping']),
  level,
  groupKey: text,
  alerts: z.array(alert).max(100),
  title: text,
  text,
});

const state = z.object({
  version: z.literal(1),
  savedAtMs: time,
  lives: z.array(life).max(MAX_LIVES),
  silences: z.array(silence).max(1_000),
  groups: z
    .array(
      z.tuple([
        text,
        z.object({
          toldAtMs: time.nullable(),
          toldLevel: level.nullable(),
          waitsSinceMs: time.nullable(),
          causes: z.record(text, z.object({ level, atMs: time })).default({}),
        }),
      ]),
    )
    .max(MAX_LIVES),
  untold: z.array(notification).max(1_000).default([]),
});

/** What was written down, if it is whole and ours; else null. */
export function readState(stored: unknown): AlertState | null {
  const read = state.safeParse(stored);
  return read.success ? read.data : null;
}

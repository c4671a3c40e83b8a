import * as z from 'zod';

/** The file of `rampart test-rules`, in the manner of `promtool test rules`. docs/alerts.md describes it. */

const span = z.union([z.string(), z.number()]);
const level = z.enum(['warning', 'critical', 'emergency']);
const levels = z.strictObject({ warning: z.number(), critical: z.number(), emergency: z.number() });
const matchers = z.record(z.string(), z.string());

const action = z.strictObject({
  at: span,
  /** Rule of the alert that fires. */
  acknowledge: z.strictObject({ rule: z.string(), for: span.optional() }).optional(),
  /** Labels that must be equal. */
  silence: z.strictObject({ matchers, for: span }).optional(),
  /** The service ends and starts again: state is written down and read back. */
  restart: z.literal(true).optional(),
});

const expected = z.strictObject({
  exp_level: level.optional(),
  exp_state: z.enum(['pending', 'firing', 'resolved']).optional(),
  exp_labels: matchers.optional(),
  /** A part of the title. */
  exp_title: z.string().optional(),
  acknowledged: z.boolean().optional(),
  silenced: z.boolean().optional(),
  inhibited: z.boolean().optional(),
  flapping: z.boolean().optional(),
});

const test = z.strictObject({
  name: z.string(),
  /** Time between two values of a series. */
  interval: span.default('30s'),
  input_series: z.array(z.strictObject({ series: z.string(), values: z.union([z.string(), z.number()]) })).min(1),
  actions: z.array(action).default([]),
  alert_rule_test: z
    .array(
      z.strictObject({
        eval_time: span,
        /** Name of the rule. */
        alertname: z.string(),
        /** Pending and firing alerts of the rule; with `exp_state: resolved` those too. Empty: none. */
        exp_alerts: z.array(expected).default([]),
      }),
    )
    .default([]),
  notification_test: z
    .array(
      z.strictObject({
        eval_time: span,
        /** Kinds of all notifications until then, in order. */
        exp_kinds: z.array(z.enum(['firing', 'escalated', 'repeat', 'resolved', 'flapping'])),
      }),
    )
    .default([]),
});

export const RuleTestFile = z.strictObject({
  /** Time between two looks. */
  evaluation_interval: span.default('10s'),
  thresholds: z
    .strictObject({
      memory: levels.optional(),
      heap: levels.optional(),
      fragmentation: levels.optional(),
      leakScore: levels.optional(),
    })
    .default({}),
  tests: z.array(test).min(1),
});

export type RuleTest = z.output<typeof test>;
export type Expected = z.output<typeof expected>;

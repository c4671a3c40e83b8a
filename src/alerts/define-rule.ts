import type {
  Alert,
  AlertLevel,
  AlertSubject,
  AlertType,
  Evidence,
  LeakForecast,
  Observation,
} from '../model/index.ts';
import type { Levels } from './levels.ts';

/** One figure that a rule compares with. */
interface RuleOption {
  readonly value: number;
  readonly unit: 'bytes' | 'bytes-per-hour' | 'share' | 'percent' | 'count' | 'ms';
  /** Why this value. */
  readonly reason: string;
}

/** Thresholds of the configuration, which have the original's names and values. */
export interface Thresholds {
  readonly memory: Levels;
  readonly heap: Levels;
  readonly fragmentation: Levels;
  readonly leakScore: Levels;
}

/** A rule's condition that holds now, for one subject. */
export interface Condition {
  /** Tells subjects of one rule apart, for ever: a process key, a session id, a path, 'host'. Never a pid alone. */
  readonly key: string;
  readonly level: AlertLevel;
  readonly subject: AlertSubject;
  /** Beside `rule`, `type` and `subject`, which the engine adds. */
  readonly labels: Readonly<Record<string, string>>;
  readonly groupKey: string;
  readonly title: string;
  readonly detail: string;
  readonly evidence: readonly Evidence[];
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit: Alert['unit'];
  readonly forecast: LeakForecast | null;
  readonly next: readonly string[];
}

/** A subject of which a rule cannot tell now. What fires of it goes on firing. */
export interface Unknown {
  readonly key: string;
  /** Null: not seen for long enough, which is no fault. Else the figure that is missing, which becomes a no-data alert. */
  readonly missing: string | null;
}

export interface Verdicts {
  readonly holds: readonly Condition[];
  readonly unknown: readonly Unknown[];
}

/** A figure that a rule lacks although it had it before. */
export interface MissingFigure {
  readonly rule: string;
  readonly key: string;
  readonly subject: AlertSubject;
  readonly groupKey: string;
  readonly sinceMs: number;
  readonly reason: string;
}

export interface EvaluateContext {
  /** The level of this rule's pending or firing alert under this key: hysteresis starts from it. */
  readonly before: (key: string) => AlertLevel | null;
  /** What other rules lack; only the rule `no-data` looks at it. */
  readonly missing: readonly MissingFigure[];
}

type Evaluate = (observation: Observation, context: EvaluateContext) => Verdicts;

interface RuleSpec<O extends string> {
  /** Short name, kebab-case; part of the fingerprint, so it never changes. */
  readonly name: string;
  readonly type: AlertType;
  /** The question it answers, for the docs. */
  readonly title: string;
  /** Which figure, and why it and not another. */
  readonly about: string;
  /** 'host': looks at host, limit, severity and looks only, and is asked with every sweep; 'all': with every look. */
  readonly scope: 'host' | 'all';
  /** How long the condition must hold before the alert fires, by level. */
  readonly forMs: Levels;
  /** How long it goes on firing after the condition ended. */
  readonly keepFiringForMs: number;
  /** Why these two. */
  readonly timing: string;
  /** After a start or a gap the rule has no window yet: what is not seen then has not ended. Default 0. */
  readonly warmUpMs?: number;
  readonly options: Readonly<Record<O, RuleOption>>;
  /** Begins to watch. What it keeps between two observations is a window that refills by itself after a restart. */
  readonly start: (options: Readonly<Record<O, number>>, thresholds: Thresholds) => Evaluate;
}

/** One rule. A file in `rules/` exports one of these, and `rules/index.ts` lists it. */
export interface Rule extends Omit<RuleSpec<string>, 'start'> {
  readonly start: (thresholds: Thresholds) => Evaluate;
}

export function defineRule<const O extends string>(spec: RuleSpec<O>): Rule {
  const values = Object.fromEntries(
    Object.entries<RuleOption>(spec.options).map(([name, { value }]) => [name, value]),
  ) as Readonly<Record<O, number>>;
  return { ...spec, start: (thresholds) => spec.start(values, thresholds) };
}

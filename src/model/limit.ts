/** What would stop a process or the host first. */
export type LimitKind = 'cgroup' | 'cgroup-high' | 'v8-old-space' | 'host-memory' | 'rlimit';

export interface Limit {
  readonly kind: LimitKind;
  readonly limitBytes: number;
  /** What counts against it, now. Null: not known (a V8 heap seen from outside). */
  readonly usedBytes: number | null;
  /** How much more can be used. An upper bound where `usedBytes` is itself one. */
  readonly headroomBytes: number | null;
  /** One plain sentence: where the figure comes from, and what it does not say. */
  readonly source: string;
}

/** Times and shares that the life-cycle verdict rests on. */
export interface LifecycleOptions {
  /** Two looks closer together than this count as one: a client that forks or execs just then must not look dead twice. */
  readonly confirmMs: number;
  /** Activity this recent is 'busy'. */
  readonly busyWindowMs: number;
  /** Share of one core between two looks that counts as work. */
  readonly busyCpuShare: number;
  /** Bytes read between two looks that count as a request. */
  readonly requestBytes: number;
  /** An agent without a terminal or client that was idle for so long is 'retained'. */
  readonly retainedAfterMs: number;
  /** The older of two equal servers must have been quiet for so long to be a duplicate. */
  readonly duplicateQuietMs: number;
  /** Equal servers that started within this time of each other were configured that way. */
  readonly twinStartMs: number;
  /** An agent that lost its terminal must have been quiet for so long to be an orphan. */
  readonly lostAgentQuietMs: number;
}

export const LIFECYCLE_DEFAULTS: LifecycleOptions = {
  // A tenth of the 10 s between two looks at life signs; far longer than fork + exec takes.
  confirmMs: 1_000,
  // Three looks: one late look does not turn a busy process idle.
  busyWindowMs: 30_000,
  // An idle Claude Code or Node server uses 0.1–2 % of a core for timers and its spinner.
  busyCpuShare: 0.05,
  // The shortest JSON-RPC request, {"jsonrpc":"2.0","id":1,"method":"a"}, and what less is: wake-ups of 8 bytes.
  requestBytes: 36,
  // Longer than a meal or a meeting, shorter than a night: reports are about sessions left for days.
  retainedAfterMs: 6 * 3_600_000,
  // Longer than the pause between two tool calls of a working agent.
  duplicateQuietMs: 5 * 60_000,
  // A client starts all its configured servers at once, within its own start-up.
  twinStartMs: 10_000,
  // A turn without a terminal can wait minutes for an API answer and use no CPU.
  lostAgentQuietMs: 10 * 60_000,
};

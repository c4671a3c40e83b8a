import type { AnyCommand } from '../command.ts';

export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<AnyCommand>;
}

/** Every command, in the order of the help. A command's file is loaded when it is called, not before. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'start',
    summary: 'Watch this machine in the foreground, with history',
    load: async () => (await import('./start.ts')).start,
  },
  {
    name: 'status',
    summary: 'Who uses the memory: sessions, servers, tools, orphans',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'top',
    summary: 'The same, live: sort, filter, fold',
    load: async () => (await import('./top.ts')).top,
  },
  {
    name: 'health',
    summary: 'Is anything wrong? The exit code says how much',
    load: async () => (await import('./health.ts')).health,
  },
  {
    name: 'history',
    summary: 'How a figure went over time, as a curve',
    load: async () => (await import('./history.ts')).history,
  },
  {
    name: 'leaks',
    summary: 'What grows without end, how fast, and when it hits its limit',
    load: async () => (await import('./leaks.ts')).leaks,
  },
  {
    name: 'alerts',
    summary: 'What fires, how bad, since when',
    load: async () => (await import('./alerts.ts')).alerts,
  },
  {
    name: 'ack',
    summary: 'I have seen this alert and deal with it',
    load: async () => (await import('./ack.ts')).ack,
  },
  {
    name: 'silence',
    summary: 'Be quiet about some alerts for a while',
    load: async () => (await import('./silence.ts')).silence,
  },
  {
    name: 'inspect',
    summary: 'What a process holds, and which function makes it grow',
    load: async () => (await import('./inspect.ts')).inspect,
  },
  {
    name: 'snapshot',
    summary: 'The heap of a Node process as a file; what grew since the last',
    load: async () => (await import('./snapshot.ts')).snapshot,
  },
  {
    name: 'cleanup',
    summary: 'End what agents left behind: shows it first, with the evidence',
    load: async () => (await import('./cleanup.ts')).cleanup,
  },
  {
    name: 'gc',
    summary: 'Ask a running Node process to collect its garbage',
    load: async () => (await import('./gc.ts')).gc,
  },
  {
    name: 'limit',
    summary: 'Cap the memory of a running process, and read the cap back',
    load: async () => (await import('./limit.ts')).limit,
  },
  {
    name: 'act',
    summary: 'Any other action: suspend, resume, deprioritise, reclaim, …',
    load: async () => (await import('./act.ts')).act,
  },
  {
    name: 'undo',
    summary: 'Put back what an action changed',
    load: async () => (await import('./undo.ts')).undo,
  },
  {
    name: 'audit',
    summary: 'What was done, planned and refused, and every signal',
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'recommend',
    summary: 'What to do now, best first, and what it saves',
    load: async () => (await import('./recommend.ts')).recommend,
  },
  {
    name: 'learned',
    summary: 'What earlier outcomes taught; forget it with --reset',
    load: async () => (await import('./learned.ts')).learned,
  },
  {
    name: 'automation',
    summary: 'Stop every automatic action at once, or let them go on',
    load: async () => (await import('./automation.ts')).automation,
  },
  {
    name: 'post-mortem',
    summary: 'What died, who ended it, and how to take the session up again',
    load: async () => (await import('./post-mortem.ts')).postMortem,
  },
  {
    name: 'doctor',
    summary: 'What can be seen here, what cannot, and how to fix it',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'notify',
    summary: 'Where alerts go: channels, tests, what was given up',
    load: async () => (await import('./notify.ts')).notify,
  },
  {
    name: 'record',
    summary: 'Record a running process for `detect`',
    load: async () => (await import('./record.ts')).record,
  },
  {
    name: 'detect',
    summary: 'Does a recorded process leak? Replays CSV or JSON lines',
    load: async () => (await import('./detect.ts')).detect,
  },
  {
    name: 'run',
    summary: 'Run a command under watch: does it leak? A gate for CI',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'test-rules',
    summary: 'Test the alert rules against series of your own',
    load: async () => (await import('./test-rules.ts')).testRules,
  },
  {
    name: 'demo',
    summary: 'A small stand-in swarm, to see what Rampart shows',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'config',
    summary: 'Each configuration value and where it came from',
    load: async () => (await import('./config.ts')).config,
  },
  {
    name: 'client-config',
    summary: 'The entry that adds Rampart to Claude Code, Codex, Gemini, …',
    load: async () => (await import('./client-config.ts')).clientConfig,
  },
  {
    name: 'mcp',
    summary: 'The MCP server on stdin and stdout, as agents start it',
    load: async () => (await import('./mcp.ts')).mcp,
  },
];

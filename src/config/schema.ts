import * as z from 'zod';
import { ACTION_NAMES } from '../model/index.ts';
import { NotificationsSchema } from './notifications.ts';
import { bytes, choiceList, count, ms, option, path, pathList, quantity, share, textList, toggle } from './option.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MIB = 1024 * 1024;

const DETECTORS = 'leak detection';

const SEED = "the value of the original's README, which users know";
const OPT_IN = 'whoever only installed a monitor did not ask it to act';

/** warning ≤ critical ≤ emergency, all shares of one. */
function levels(warning: number, critical: number, emergency: number, what: string, reason: string) {
  const level = (value: number, name: string) =>
    share(value, { text: `${what}, from which the level is ${name}.`, reason });
  return z
    .strictObject({
      warning: level(warning, 'warning'),
      critical: level(critical, 'critical'),
      emergency: level(emergency, 'emergency'),
    })
    .refine((value) => value.warning <= value.critical && value.critical <= value.emergency, {
      message: 'warning ≤ critical ≤ emergency does not hold',
    })
    .prefault({});
}

/**
 * Every option of Rampart. The first part keeps the names and the nesting of the original memory monitor; the second is
 * what watching a swarm needs. Sizes are bytes, durations milliseconds, shares parts of one.
 */
export const ConfigSchema = z.strictObject({
  sampleInterval: ms(1000, 100, 60 * MINUTE, {
    text: 'Time from one look at all processes to the next. Quiet processes are read less often than that.',
    reason: 'short enough to see a process that eats 1 GiB/s before the host is full; a look costs 2 µs a process',
  }),
  historySize: count(1000, 60, 86_400, {
    text: 'Newest looks at its own process that the library holds for its caller.',
    reason: SEED,
  }),
  memoryThresholds: levels(
    0.75,
    0.85,
    0.95,
    "Used part of the host's binding limit (RAM, or the cgroup's limit where that is smaller)",
    SEED,
  ),
  leakDetection: z
    .strictObject({
      enabled: toggle(true, { text: 'Look for leaks.', reason: SEED, notYet: DETECTORS }),
      growthThreshold: share(0.1, {
        text: 'Growth over the window, as a part of its start, below which nothing is called a leak.',
        reason: SEED,
        notYet: DETECTORS,
      }),
      windowSize: count(10, 3, 86_400, {
        text: 'Fewest samples of a series before a verdict other than "insufficient data".',
        reason: SEED,
        notYet: DETECTORS,
      }),
    })
    .prefault({}),
  fragmentation: z
    .strictObject({
      enabled: toggle(true, { text: 'Watch the fragmentation of V8 heaps.', reason: SEED, notYet: DETECTORS }),
      threshold: share(0.3, {
        text: 'Unused part of the committed heap, from which it is called fragmented.',
        reason: SEED,
        notYet: DETECTORS,
      }),
    })
    .prefault({}),
  alertThresholds: z
    .strictObject({
      memory: levels(0.75, 0.85, 0.95, "Used part of the host's binding limit", SEED),
      heap: levels(0.8, 0.9, 0.95, "What survives a full collection, as a part of a V8 heap's limit", SEED),
      fragmentation: levels(0.3, 0.5, 0.7, 'Unused part of the committed heap after a full collection', SEED),
      leakScore: levels(
        0.5,
        0.7,
        0.9,
        'Calibrated probability of a leak (a level needs near harm too: docs/alerts.md)',
        SEED,
      ),
    })
    .prefault({}),
  cooldownPeriods: z
    .strictObject({
      warning: ms(60_000, 0, DAY, {
        text: 'Quiet time after a warning of the same cause; a worse level breaks it.',
        reason: SEED,
      }),
      critical: ms(30_000, 0, DAY, { text: 'Quiet time after a critical alert.', reason: SEED }),
      emergency: ms(10_000, 0, DAY, { text: 'Quiet time after an emergency.', reason: SEED }),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      enabled: toggle(true, {
        text: 'Judge what is seen by the rules of docs/alerts.md.',
        reason: 'a monitor that has to be asked warns nobody',
      }),
      repeat: z
        .strictObject({
          warning: ms(DAY, MINUTE, 365 * DAY, {
            text: 'A warning that fires on, and that nobody has acknowledged, is told again after this.',
            reason: 'once a day: it is no call at night',
          }),
          critical: ms(DAY / 2, MINUTE, 365 * DAY, {
            text: 'The same for a critical alert.',
            reason: 'twice a day: a transcript that is too large is so for days, and what gets worse is told anyway',
          }),
          emergency: ms(60 * MINUTE, MINUTE, 365 * DAY, {
            text: 'The same for an emergency.',
            reason: 'an hour: whoever is there has seen it; whoever comes must',
          }),
        })
        .prefault({}),
    })
    .prefault({}),
  actionTriggers: z
    .strictObject({
      autoGC: toggle(false, {
        text: 'Ask a Node process under heap pressure to collect its garbage.',
        reason: OPT_IN,
      }),
      confirmSuspects: toggle(false, {
        text: 'Ask a Node process that is suspected of a leak for a full collection now and then: what it leaves shows whether the growth is alive (docs/leak-detection.md).',
        reason: `${OPT_IN}; the process stands still for it, half a second at 300 MB, and its inspector is open meanwhile`,
      }),
      alertNotifications: toggle(true, {
        text: 'Send notifications of alerts by the channels that are configured.',
        reason: SEED,
      }),
      emergencyShutdown: toggle(false, {
        text: 'People and agents may ask for emergency_shutdown: ending an agent session, or one of its processes, although it works. Nothing does so by itself: see automaticShutdown.',
        reason: `${SEED}; ${OPT_IN}`,
      }),
      automaticShutdown: toggle(false, {
        text: 'In a memory emergency of the machine automation ends by itself the process that caused it, although it works; nobody when nothing leaks.',
        reason: `the one switch for that, apart from emergencyShutdown, which lets people and agents do it; ${OPT_IN}`,
      }),
      memoryDump: toggle(false, {
        text: 'Write a heap snapshot in an emergency.',
        reason: 'a snapshot can need as much memory again as the heap has, just when there is least',
      }),
    })
    .prefault({}),
  autoOptimization: z
    .strictObject({
      enabled: toggle(false, { text: 'Carry out low-risk recommendations.', reason: OPT_IN }),
      aggressiveness: option(z.enum(['conservative', 'moderate', 'aggressive']).default('moderate'), 'choice', {
        text: 'Highest risk of what may be carried out.',
        reason: SEED,
      }),
      maxAutomations: count(5, 0, 1000, { text: 'Most automatic actions in an hour.', reason: SEED }),
    })
    .prefault({}),
  learningMode: z
    .strictObject({
      enabled: toggle(true, { text: 'Learn at all; off: what was learned stays, and nothing is added.', reason: SEED }),
      patternRecognition: toggle(true, {
        text: 'Learn from each outcome how much an action saves, by finding and role.',
        reason: SEED,
      }),
      adaptiveThresholds: toggle(true, {
        text: 'Learn what size is usual for each program, and warn of what is far above it (alert unusual-size).',
        reason: SEED,
      }),
    })
    .prefault({}),

  actions: z
    .strictObject({
      allow: choiceList(ACTION_NAMES, ACTION_NAMES, {
        text: 'Actions that may be done at all; [] makes Rampart read-only.',
        reason: 'each is planned first and asks; emergency_shutdown has a switch of its own',
      }),
      protect: textList(256, [], {
        text: 'What no action may touch: name=GLOB, cwd=GLOB or session=ID; a plain word is a name.',
        reason: 'only you know which process must live; * stands for anything',
      }),
      graceMs: ms(5_000, 0, 10 * MINUTE, {
        text: 'Time between SIGTERM and SIGKILL.',
        reason: 'Node servers end in 25 ms; five seconds are enough to write what is open',
      }),
      maxAgentActions: count(20, 0, 10_000, {
        text: 'Most actions that agents may begin in an hour, all together; 0: agents may only look.',
        reason: 'a model in a loop must not work through the whole machine; a person has no limit',
      }),
      confirm: option(z.enum(['ask', 'token']).default('ask'), 'choice', {
        text: "How an agent's action is confirmed. ask: by the user, where the client can ask, else by a token of the dry run. token: always by the token.",
        reason: 'what ends a process is the decision of a person; headless agents have none to ask',
      }),
    })
    .prefault({}),

  history: z
    .strictObject({
      maxAgeMs: ms(30 * DAY, 60 * MINUTE, 3650 * DAY, {
        text: 'History on disk older than that is dropped.',
        reason: 'a slow leak (users report 0.4 GB/h and 19 days of life) shows over weeks',
      }),
      rawMaxAgeMs: ms(2 * DAY, 60 * MINUTE, 3650 * DAY, {
        text: 'Single samples older than that are dropped; least, mean and greatest of each minute stay.',
        reason: 'what one asks of yesterday is a moment, of last week a trend',
      }),
      maxBytes: bytes(64 * MIB, MIB, 1024 * 1024 * MIB, {
        text: 'Most bytes of history on disk; the least valuable and oldest go first.',
        reason: 'two days of samples and about 25 days of minutes of 1000 series (docs/history.md)',
      }),
    })
    .prefault({}),
  captures: z
    .strictObject({
      maxBytes: bytes(2048 * MIB, MIB, 1024 * 1024 * MIB, {
        text: 'Most bytes of heap snapshots and light captures on disk; the oldest go first.',
        reason: 'a snapshot of a 500 MB heap is some 100 MB compressed, and a comparison needs two',
      }),
      maxAgeMs: ms(7 * DAY, 60_000, 3650 * DAY, {
        text: 'Captures older than that are removed.',
        reason: 'a heap holds keys and prompts: it should not lie around; a week is enough to look into it',
      }),
    })
    .prefault({}),
  pssBudgetMsPerSecond: quantity(0.4, 0, 500, {
    text: 'CPU time in ms that reading PSS, USS and swap in the background may take in each second.',
    reason: 'a seventh of the 0.3 % of a core that the whole service may take; processes of agents do not wait for it',
  }),
  room: z
    .strictObject({
      reserveShare: share(0.15, {
        text: "Part of the host's limit that 'room for N more agents' leaves free.",
        reason: 'what is above memoryThresholds.critical: new agents must not by themselves make the host critical',
      }),
    })
    .prefault({}),
  notifications: NotificationsSchema,
  projects: pathList(64, {
    text: 'Project directories whose .claude-flow/, .hive-mind/ and memory/ are read, beside those that agents work in. Not set: the working directory.',
    reason: 'an agent starts Rampart in the project that it works on',
  }),
  claudeConfigDir: path({
    text: "Claude Code's directory, which has sessions/. Not set: CLAUDE_CONFIG_DIR, else ~/.claude.",
    reason: 'where Claude Code itself looks',
  }),
  service: z
    .strictObject({
      lingerMs: ms(60_000, 0, DAY, {
        text: 'How long a service that was started by an MCP server stays after its last client has left.',
        reason: 'an agent that restarts finds its history; nothing of ours stays for good',
      }),
    })
    .prefault({}),
  postMortem: z
    .strictObject({
      witness: toggle(true, {
        text: 'Run the witness, a small Perl program that hears from the kernel how processes end (Linux).',
        reason: 'without it signals, exits and crashes cannot be told apart; it sleeps until something ends',
      }),
    })
    .prefault({}),
  http: z
    .strictObject({
      enabled: toggle(true, {
        text: 'Serve MCP over HTTP and the API beside the socket.',
        reason: 'sessions that share one server save its copies; only this machine reaches it, and only with the token',
      }),
      port: count(3001, 0, 65_535, { text: 'Port to listen on; 0: any free one.', reason: SEED }),
    })
    .prefault({}),
  integrations: z
    .strictObject({
      claudeSessions: toggle(true, {
        text: "Read Claude Code's sessions/<pid>.json.",
        reason: 'the surest link from a process to its session',
      }),
      claudeFlow: toggle(true, {
        text: "Read Claude-Flow's pid files and metrics in the projects.",
        reason: 'costs a few stats a look; without .claude-flow/ nothing',
      }),
      hiveDb: toggle(true, {
        text: 'Read parent and child pids from .hive-mind/hive.db (needs Node 22.13 or later).',
        reason: 'the only place that links a hive to its Claude children',
      }),
      memoryBank: toggle(true, {
        text: 'Watch memory/sessions and memory/agents in the projects.',
        reason: 'agents that write their state.json there are attributed by it',
      }),
      memoryIntegrationFile: toggle(true, {
        text: 'Write .claude-flow/metrics/memory-integration.json, where a project has .claude-flow/.',
        reason: 'what Claude-Flow reads of us; never written into a project without Claude-Flow',
      }),
    })
    .prefault({}),
});

export type Config = z.output<typeof ConfigSchema>;

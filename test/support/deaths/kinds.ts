import type { Killer } from '../../../src/model/index.ts';
import { makeSmallCgroup } from './small-cgroup.ts';
import type { Stage, Victim } from './stage.ts';

/** One way to die, staged with real processes. */
export interface Kind {
  readonly name: string;
  readonly killer: Killer;
  readonly fate: string;
  readonly tool?: boolean;
  readonly flags?: readonly string[];
  /** Null: this machine does not allow it. */
  readonly prepare?: (victim: Victim) => (() => void) | null;
  /** Left out: the trigger. Signals only what the stage started. */
  readonly kill?: (victim: Victim, stage: Stage) => void | Promise<void>;
}

const MIB = 1024 * 1024;
const signal =
  (name: NodeJS.Signals) =>
  ({ pid }: Victim): void =>
    void process.kill(pid, name);
const ordered =
  (name: NodeJS.Signals) =>
  ({ pid, key }: Victim, stage: Stage): void => {
    stage.audit({ event: 'signal', action: 'reap', process: key, detail: name });
    process.kill(pid, name);
  };

/** As Claude Code writes it, for its reaper and for a stop that was asked for alike. */
function notifyKilled(stage: Stage): void {
  const content =
    '<task-notification>\n<task-id>b1</task-id>\n<status>killed</status>\n<summary>Background command "watch" was stopped</summary>\n</task-notification>';
  stage.transcript({ type: 'queue-operation', operation: 'enqueue', timestamp: new Date().toISOString(), content });
}

export const KINDS: readonly Kind[] = [
  {
    name: 'kernel OOM in a small cgroup',
    killer: 'kernel-oom',
    fate: 'native',
    prepare: ({ pid }) => {
      const cgroup = makeSmallCgroup(96 * MIB);
      if (cgroup === null) return null;
      cgroup.add(pid);
      return () => cgroup.remove();
    },
  },
  { name: 'V8 heap limit, fast', killer: 'v8-heap-limit', fate: 'heap', flags: ['--max-old-space-size=40'] },
  {
    name: 'V8 heap limit, over seconds',
    killer: 'v8-heap-limit',
    fate: 'slow-heap',
    flags: ['--max-old-space-size=60'],
  },
  { name: 'process.abort()', killer: 'v8-abort', fate: 'abort' },
  { name: 'SIGKILL by Rampart', killer: 'rampart', fate: 'wait', kill: ordered('SIGKILL') },
  { name: 'SIGTERM by Rampart', killer: 'rampart', fate: 'wait', kill: ordered('SIGTERM') },
  { name: 'SIGKILL by another', killer: 'signal', fate: 'wait', kill: signal('SIGKILL') },
  { name: 'SIGTERM by another', killer: 'signal', fate: 'wait', kill: signal('SIGTERM') },
  { name: 'exit 0', killer: 'exit', fate: 'exit-0' },
  { name: 'uncaught exception', killer: 'crash', fate: 'uncaught' },
  { name: 'segmentation fault', killer: 'crash', fate: 'fault' },
  {
    name: "Claude's reaper",
    killer: 'claude-reaper',
    fate: 'wait',
    tool: true,
    kill: ({ pid }, stage) => {
      process.kill(pid, 'SIGTERM');
      notifyKilled(stage);
    },
  },
  {
    name: 'earlyoom (its log faked)',
    killer: 'earlyoom',
    fate: 'wait',
    kill: ({ pid }, { journal }) => {
      journal.add(
        'earlyoom.service',
        `sending SIGTERM to process ${pid} uid 0 "node": oom_score 757, VmRSS 637 MiB, cmdline "x"`,
      );
      process.kill(pid, 'SIGTERM');
    },
  },
  {
    name: 'systemd-oomd (its log faked)',
    killer: 'systemd-oomd',
    fate: 'wait',
    kill: ({ pid }, { journal }) => {
      journal.add('systemd-oomd.service', `oomd attempting to kill ${pid} with KILL`);
      process.kill(pid, 'SIGKILL');
    },
  },
];

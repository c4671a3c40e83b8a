import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Capability, Clock, ExitWatch, ProcessKey, RawExit } from '../../model/index.ts';
import { WITNESS_SCRIPT } from './witness-script.ts';

/** Never from PATH: what runs there must be the system's own. */
const PERLS = ['/usr/bin/perl', '/usr/local/bin/perl', '/bin/perl'] as const;
/** It proves itself within two seconds, twice at most; a busy machine may take longer. */
const READY_MS = 10_000;
const ANSWER_MS = 2_000;
/** One that died is started again, but not in a loop. */
const RESTART_MS = 60_000;
const NAME = 'exit-status';

export interface WitnessOptions {
  readonly clock: Clock;
  readonly platform?: NodeJS.Platform | undefined;
  /** False: none is started. Default: true. */
  readonly enabled?: boolean | undefined;
  readonly perl?: string | null | undefined;
}

type State =
  | { readonly kind: 'none' | 'failed'; readonly detail: string; readonly fix: string | null }
  | { readonly kind: 'running'; readonly child: ChildProcess; readonly ready: Promise<string | null> };

/** Starts the witness at once, so that ends from now on are known. */
export function openWitness({
  clock,
  platform = process.platform,
  enabled = true,
  perl = findPerl(),
}: WitnessOptions): ExitWatch {
  /** Whoever waits for a line; answers come in the order of the questions. */
  let waiting: ((line: string | null) => void)[] = [];
  let startedMs = clock.monotonicMs();
  let closed = false;
  let state = begin();

  function begin(): State {
    if (platform !== 'linux') {
      return { kind: 'none', detail: 'exit statuses of others are told on Linux only', fix: null };
    }
    if (!enabled) {
      const detail = 'the witness is switched off by postMortem.witness';
      return { kind: 'none', detail, fix: 'Set postMortem.witness to true.' };
    }
    if (perl === null) {
      const detail = 'only parents get exit statuses, and the witness that hears of them needs Perl';
      return { kind: 'none', detail, fix: 'Install perl (Debian: perl-base).' };
    }
    const child = spawn(perl, ['-e', WITNESS_SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'], env: {}, cwd: '/' });
    // Neither may keep the service alive; when it ends, stdin closes and the witness leaves.
    child.unref();
    for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref();
    child.stdin?.on('error', () => undefined);
    let text = '';
    child.stdout?.setEncoding('latin1').on('data', (part: string) => {
      text += part;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) waiting.shift()?.(line);
    });
    const over = (): void => {
      const left = waiting;
      waiting = [];
      for (const tell of left) tell(null);
    };
    child.on('error', over).on('close', () => {
      over();
      if (!closed && state.kind === 'running') state = { kind: 'failed', detail: 'the witness has ended', fix: null };
    });
    return { kind: 'running', child, ready: nextLine(READY_MS) };
  }

  function nextLine(deadlineMs: number): Promise<string | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => tell(null), deadlineMs);
      const tell = (line: string | null): void => {
        clearTimeout(timer);
        resolve(line);
      };
      waiting.push(tell);
    });
  }

  async function working(): Promise<ChildProcess | null> {
    if (closed) return null;
    if (state.kind === 'failed' && clock.monotonicMs() - startedMs >= RESTART_MS) {
      startedMs = clock.monotonicMs();
      state = begin();
    }
    if (state.kind !== 'running') return null;
    const said = await state.ready;
    if (said === 'ready') return state.kind === 'running' ? state.child : null;
    if (state.kind === 'running') {
      state.child.kill();
      state = { kind: 'failed', ...failure(said) };
    }
    return null;
  }

  return {
    async capability(): Promise<Capability> {
      if ((await working()) !== null) {
        const detail = 'exit codes and signals of all processes, from the process connector of the kernel';
        return { name: NAME, works: true, detail, fix: null };
      }
      const { detail, fix } = state.kind === 'running' ? failure(null) : state;
      return { name: NAME, works: false, detail, fix };
    },
    async ask(processes) {
      const found = new Map<ProcessKey, RawExit>();
      const child = processes.length === 0 ? null : await working();
      if (child === null) return found;
      const answer = nextLine(ANSWER_MS);
      child.stdin?.write(`${processes.map(({ pid }) => pid).join(' ')}\n`);
      const line = await answer;
      if (line === null) {
        // Its next line would answer this question, not the next one: end it.
        child.kill();
        return found;
      }
      const bootMs = clock.nowMs() - Number(process.hrtime.bigint()) / 1e6;
      const ends = parseEnds(line);
      for (const { pid, startTime, afterMs } of processes) {
        const end = ends
          .get(pid)
          ?.map(({ ns, status }) => ({ atMs: Math.round(bootMs + ns / 1e6), status }))
          .find(({ atMs }) => atMs >= afterMs - CLOCK_SLACK_MS);
        if (end !== undefined) found.set(`${pid}:${startTime}`, { ...end, from: 'witness' });
      }
      return found;
    },
    async close() {
      closed = true;
      if (state.kind !== 'running') return;
      const { child } = state;
      child.stdin?.end();
      child.kill();
    },
  };
}

/** Wall time of a look and the kernel's time of an end are read from two clocks. */
const CLOCK_SLACK_MS = 250;

function parseEnds(line: string): Map<number, { ns: number; status: number }[]> {
  const ends = new Map<number, { ns: number; status: number }[]>();
  for (const part of line.split(' ')) {
    const [pid = '', list = ''] = part.split('=');
    const parsed = list.split(';').map((end) => {
      const [ns, status] = end.split(',').map(Number);
      return { ns: ns ?? Number.NaN, status: status ?? Number.NaN };
    });
    if (list !== '') ends.set(Number(pid), parsed);
  }
  return ends;
}

function failure(said: string | null): { detail: string; fix: string | null } {
  if (said === 'failed silent') {
    return {
      detail: 'the kernel announces no ends to this user, or not in this container',
      fix: 'Linux 6.6 or later tells every user, older ones root only; inside a container run Rampart on the host.',
    };
  }
  return {
    detail: `the witness could not listen to the kernel (${said === null ? 'no answer' : said.replace(/^failed /, '')})`,
    fix: 'The kernel needs CONFIG_PROC_EVENTS; sandboxes that forbid netlink sockets hide it.',
  };
}

function findPerl(): string | null {
  return PERLS.find((path) => existsSync(path)) ?? null;
}

/** What lines of logs say about deaths. Pure: whoever reads the logs passes the text in. */

/**
 * The OOM killer's line. "Killed process" since Linux 4.x, "Kill process … or sacrifice child" and an own "Killed process"
 * line before (mm/oom_kill.c).
 */
const OOM = /\b(?:Memory cgroup out of memory|Out of memory|oom_reaper)\b.*|^Killed process \d+/;
const OOM_VICTIM = /\bKill(?:ed)? process (\d+)\b/;
const OOM_REAPED = /^oom_reaper: reaped process (\d+)\b/;

/** The pid that this line says was killed for lack of memory. */
export function oomVictim(text: string): number | null {
  if (!OOM.test(text)) return null;
  const found = OOM_REAPED.exec(text) ?? OOM_VICTIM.exec(text);
  return found === null ? null : Number(found[1]);
}

export function isCgroupOom(text: string): boolean {
  return text.startsWith('Memory cgroup out of memory');
}

/** `node[123]: segfault at 0 ip …` and `traps: node[123] trap int3 ip:…`; the name may hold anything but comes first. */
const FAULT = /^(?:traps: )?.{0,15}\[(\d+)\]:? (segfault|general protection|trap [a-z ]+|bad frame)/;
/** Kernel audit of a signal that dumps core, also where no audit daemon runs: `audit: type=1701 … pid=5 comm="x" … sig=11`. */
const ABNORMAL = /\btype=1701 .*?\bpid=(\d+) .*\bsig=(\d+)\b/;

/** The pid of a process that faulted, and what the kernel calls the fault. */
export function faulted(text: string): { readonly pid: number; readonly what: string } | null {
  const fault = FAULT.exec(text);
  if (fault !== null) return { pid: Number(fault[1]), what: fault[2] ?? '' };
  const abnormal = ABNORMAL.exec(text);
  return abnormal === null ? null : { pid: Number(abnormal[1]), what: `signal ${abnormal[2]}` };
}

/** `Killed /user.slice/…/x.scope due to memory pressure for …` (systemd 248 and later). */
const OOMD_CGROUP = /^(?:Killed|Marked) (\/\S+) (?:due to|for killing due to) /;
const OOMD_PID = /^oomd attempting to kill (\d+) with /;
/** The service manager's own words: `vte-1.scope: systemd-oomd killed 12 process(es) in this unit.` */
const OOMD_UNIT = /^(\S+): systemd-oomd killed \d+ process/;

/** Whether the line says that systemd-oomd killed this process or the cgroup that it was in. */
export function oomdKilled(text: string, pid: number, cgroup: string | null): 'pid' | 'cgroup' | 'unit' | null {
  if (Number(OOMD_PID.exec(text)?.[1]) === pid) return 'pid';
  if (cgroup === null) return null;
  const killed = OOMD_CGROUP.exec(text)?.[1];
  if (killed !== undefined && (cgroup === killed || cgroup.startsWith(`${killed}/`))) return 'cgroup';
  const unit = OOMD_UNIT.exec(text)?.[1];
  return unit !== undefined && cgroup.split('/').includes(unit) ? 'unit' : null;
}

/** earlyoom: `sending SIGTERM to process 696 uid 1001 "ipfs": …` (1.4 and later), `killing process 27541 …`, `…, pid: 5874, …`. */
const EARLYOOM = [
  /^sending (SIG[A-Z]+) to process (\d+)\b/,
  /^(k)illing process (\d+) "/i,
  /^Killing process '.*' with (signal \d+), pid: (\d+),/,
];

export function earlyoomVictim(text: string): number | null {
  for (const form of EARLYOOM) {
    const found = form.exec(text);
    if (found !== null) return Number(found[2]);
  }
  return null;
}

/** `Process 1234 (node) of user 1000 dumped core.` */
const COREDUMP = /^Process (\d+) \(.*\) of user \d+ (?:dumped core|terminated abnormally)/;

export function dumpedCore(text: string): number | null {
  const found = COREDUMP.exec(text);
  return found === null ? null : Number(found[1]);
}

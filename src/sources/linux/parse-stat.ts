import type { ProcessState } from '../../model/index.ts';

/** Fields of `/proc/PID/stat` that are used, filled in place. Numbers in brackets are proc(5)'s field numbers. */
export interface StatFields {
  /** (1) */
  pid: number;
  /** Hash of (2), to see a change of name without making a string. */
  nameHash: number;
  /** (3), one letter. */
  stateCode: number;
  ppid: number;
  processGroup: number;
  sessionLeader: number;
  tty: number;
  /** (9); see PF_KTHREAD. */
  flags: number;
  /** (14) + (15), clock ticks. */
  cpuTicks: number;
  threads: number;
  /** (22), clock ticks since boot. */
  startTime: number;
  /** (28) bottom of the stack: a new random address after every exec; 0 when we may not see it. */
  stackStart: number;
}

/** include/linux/sched.h: the task is a kernel thread. Holds in every pid namespace, which "child of pid 2" does not. */
export const PF_KTHREAD = 0x00200000;

const OPEN = 40;
const CLOSE = 41;
const SPACE = 32;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;

export function emptyStat(): StatFields {
  return {
    pid: 0,
    nameHash: 0,
    stateCode: 0,
    ppid: 0,
    processGroup: 0,
    sessionLeader: 0,
    tty: 0,
    flags: 0,
    cpuTicks: 0,
    threads: 0,
    startTime: 0,
    stackStart: 0,
  };
}

/**
 * The name in brackets is the process's own choice and may hold `) R 1 (`, blanks and newlines: fields begin after the
 * LAST closing bracket (no later field holds one). False when the text is torn before field 22.
 */
export function parseStat(bytes: Uint8Array, length: number, into: StatFields): boolean {
  let close = length - 1;
  while (close >= 0 && bytes[close] !== CLOSE) close -= 1;
  let open = 0;
  while (open < close && bytes[open] !== OPEN) open += 1;
  if (open >= close) return false;
  let pid = 0;
  for (let at = 0; at < open && isDigit(bytes[at]); at += 1) pid = pid * 10 + (bytes[at] as number) - ZERO;
  let hash = 0x811c9dc5; // FNV-1a
  for (let at = open + 1; at < close; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  if (close + 3 >= length || bytes[close + 1] !== SPACE || bytes[close + 3] !== SPACE) return false;
  into.pid = pid;
  into.nameHash = hash;
  into.stateCode = bytes[close + 2] as number;
  into.stackStart = 0;
  return parseNumbers(bytes, close + 4, length, into);
}

function parseNumbers(bytes: Uint8Array, from: number, length: number, into: StatFields): boolean {
  let at = from;
  let field = 4;
  let utime = 0;
  while (at < length && field <= 28) {
    const negative = bytes[at] === MINUS;
    if (negative) at += 1;
    const first = at;
    let value = 0;
    while (at < length && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - ZERO;
    // A number that runs into the end of the text may be torn: it does not count.
    if (at === first || at >= length) break;
    if (negative) value = -value;
    switch (field) {
      case 4:
        into.ppid = value;
        break;
      case 5:
        into.processGroup = value;
        break;
      case 6:
        into.sessionLeader = value;
        break;
      case 7:
        into.tty = value;
        break;
      case 9:
        into.flags = value;
        break;
      case 14:
        utime = value;
        break;
      case 15:
        into.cpuTicks = utime + value;
        break;
      case 20:
        into.threads = value;
        break;
      case 22:
        into.startTime = value;
        break;
      case 28:
        into.stackStart = value;
        break;
      default:
    }
    field += 1;
    at += 1;
  }
  return field > 22;
}

/** The name inside the brackets, as bytes (not yet fit to show). */
export function nameBytes(bytes: Uint8Array, length: number): Uint8Array {
  const text = bytes.subarray(0, length);
  const open = text.indexOf(OPEN);
  const close = text.lastIndexOf(CLOSE);
  return open < 0 || close <= open ? text.subarray(0, 0) : text.subarray(open + 1, close);
}

/** Letters of fs/proc/array.c; P (parked) and I (idle) only ever show on kernel threads. */
export function processState(code: number): ProcessState {
  switch (String.fromCharCode(code)) {
    case 'R':
      return 'running';
    case 'S':
    case 'I':
      return 'sleeping';
    case 'D':
      return 'disk-sleep';
    case 'T':
    case 't':
      return 'stopped';
    case 'Z':
      return 'zombie';
    case 'X':
    case 'x':
      return 'dead';
    default:
      return 'unknown';
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

import type { Lifecycle, LifeSigns, ProcessKey } from '../../model/index.ts';
import type { LifecycleOptions } from './options.ts';
import type { LifecycleRow } from './row.ts';

/** What was seen of one process over time. Copied out of samples, which their source updates in place. */
export interface Track {
  firstSeenMs: number;
  looks: number;
  lookedAtMs: number;
  cpuMs: number;
  readBytes: number | null;
  lastActiveMs: number | null;
  activity: string | null;
  /** Last known state of the stdin channel. */
  peer: LifeSigns['stdinPeer'];
  channel: string | null;
  /** Looks in a row (at least `confirmMs` apart) that found nobody at the other end of this channel. */
  deadLooks: number;
  deadSinceMs: number | null;
  deadCountedMs: number;
  wasAlive: boolean;
  parent: ProcessKey | null;
  /** It was seen under another parent, which is gone: it was adopted. */
  adopted: boolean;
  hadTerminal: boolean;
  lostTerminal: boolean;
  /** Last agent that owned it, and whether that agent is gone. */
  owner: ProcessKey | null;
  ownerGone: boolean;
  /** Last verdict, and the look that first gave it. */
  verdict: Lifecycle | null;
  verdictSinceMs: number;
}

export function createTrack(atMs: number): Track {
  return {
    firstSeenMs: atMs,
    looks: 0,
    lookedAtMs: atMs,
    cpuMs: 0,
    readBytes: null,
    lastActiveMs: null,
    activity: null,
    peer: null,
    channel: null,
    deadLooks: 0,
    deadSinceMs: null,
    deadCountedMs: 0,
    wasAlive: false,
    parent: null,
    adopted: false,
    hadTerminal: false,
    lostTerminal: false,
    owner: null,
    ownerGone: false,
    verdict: null,
    verdictSinceMs: atMs,
  };
}

/** One more look at a process. */
export function observeTrack(
  track: Track,
  row: LifecycleRow,
  parent: ProcessKey | null,
  isAlive: (key: ProcessKey) => boolean,
  atMs: number,
  options: LifecycleOptions,
): void {
  observeActivity(track, row, atMs, options);
  if (row.signs !== null) observeStdin(track, row.signs, atMs, options);

  const { tty } = row.sample;
  if (track.hadTerminal && tty === 0) track.lostTerminal = true;
  if (tty !== 0) [track.hadTerminal, track.lostTerminal] = [true, false];

  if (track.looks > 0 && track.parent !== null && parent !== track.parent && !isAlive(track.parent))
    track.adopted = true;
  track.parent = parent;

  const { agent } = row.attribution;
  if (agent !== null) track.owner = agent;
  track.ownerGone = track.owner !== null && !isAlive(track.owner);
  track.looks += 1;
  track.lookedAtMs = atMs;
}

function observeActivity(track: Track, { sample, signs }: LifecycleRow, atMs: number, options: LifecycleOptions): void {
  const elapsedMs = atMs - track.lookedAtMs;
  // A clock that was set back makes one look useless, not wrong.
  if (track.looks > 0 && elapsedMs > 0) {
    const share = (sample.cpuMs - track.cpuMs) / elapsedMs;
    if (share >= options.busyCpuShare) {
      track.lastActiveMs = atMs;
      track.activity = `It used ${Math.round(share * 100)} % of a core between two looks.`;
    }
    const read = signs?.readBytes != null && track.readBytes !== null ? signs.readBytes - track.readBytes : 0;
    if (read >= options.requestBytes) {
      track.lastActiveMs = atMs;
      track.activity = `It read ${read} bytes between two looks, as a server does for a request.`;
    }
  }
  track.cpuMs = sample.cpuMs;
  if (signs?.readBytes != null) track.readBytes = signs.readBytes;
}

function observeStdin(track: Track, signs: LifeSigns, atMs: number, options: LifecycleOptions): void {
  const isSameChannel = signs.stdinChannel === track.channel;
  if (!isSameChannel || signs.stdinPeer !== 'dead') {
    track.deadLooks = 0;
    track.deadSinceMs = null;
  }
  if (!isSameChannel) track.wasAlive = false;
  if (signs.stdinPeer === 'alive') track.wasAlive = true;
  if (signs.stdinPeer === 'dead') {
    const isFirst = track.deadSinceMs === null;
    if (isFirst) track.deadSinceMs = atMs;
    // Also after the clock was set back: the look counts once the gap is there again.
    if (isFirst || Math.abs(atMs - track.deadCountedMs) >= options.confirmMs) {
      track.deadLooks += 1;
      track.deadCountedMs = atMs;
    }
  }
  track.peer = signs.stdinPeer;
  track.channel = signs.stdinChannel;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { RampartError, type Clock, type ProcessId } from '../../model/index.ts';
import { connectCdp, type CdpConnection } from './cdp.ts';
import { evaluate } from './evaluate.ts';
import { openPort, type Patience, type Target } from './guards.ts';
import type { Listening } from './sockets.ts';

/** The open inspector of one process. */
export interface Door {
  /** The present connection; another one after `away`. */
  cdp(): CdpConnection;
  /** Closes the inspector for so long, and opens it again: nobody else can come in while we only wait. */
  away(ms: number): Promise<void>;
  /** Closed and seen to be closed; never throws. */
  close(): Promise<void>;
  /** How long it was open so far, ms. */
  openMs(): number;
}

export interface DoorDeps {
  readonly clock: Clock;
  /** Aborted when everything is to be closed. */
  readonly ended: AbortSignal;
  /** The guards, now. Throws what the caller is to be told when it may not be opened. */
  readonly look: (
    process: ProcessId,
    patience: Patience,
  ) => { readonly target: Target; readonly way: 'signal' | 'port' };
  readonly listening: (pid: number) => readonly Listening[] | null;
  /** Checks identity and handler once more and sends SIGUSR1, without giving way to anything between. */
  readonly signal: (process: ProcessId) => void;
  /** Holds the port against other Ramparts; answers with the release. */
  readonly lock: (target: Target) => Promise<() => Promise<void>>;
  /** Told of an inspector that is ours and still open, or may yet open: somebody must close it. */
  readonly onOverdue: (process: ProcessId, isOurs: (place: Listening) => boolean) => void;
}

/** 6–36 ms on an idle machine; JavaScript that runs is interrupted for it, a synchronous child process is not. */
const OPEN_TIMEOUT_MS = 3_000;
const OPEN_POLL_MS = 3;
const CLOSE_TIMEOUT_MS = 1_500;
const CLOSE_POLL_MS = 5;
/** Time for our connection to be gone before `inspector.close()` runs, which waits for connections to end. */
const CLOSE_DELAY_MS = 20;
/** If we die, the process closes its inspector by itself after this. Longer than any single call of ours. */
const DEAD_MAN_MS = 15 * 60_000;

interface Opened {
  readonly way: 'signal' | 'port';
  readonly cdp: CdpConnection;
  readonly place: Listening;
  readonly release: () => Promise<void>;
}

export async function openDoor(deps: DoorDeps, process: ProcessId): Promise<Door> {
  const { clock } = deps;
  let openedAtMs = 0;
  let openBeforeMs = 0;
  let current: Opened | null = await open(deps, process, () => (openedAtMs = clock.monotonicMs()));

  const close = async (): Promise<void> => {
    if (current === null) return;
    const { way, cdp, place, release } = current;
    current = null;
    if (way === 'signal') await shut(deps, process, place, cdp);
    cdp.drop();
    openBeforeMs += clock.monotonicMs() - openedAtMs;
    await release();
  };

  return {
    cdp: () => {
      if (current === null) throw gone();
      return current.cdp;
    },
    async away(ms) {
      // An inspector that was open before us stays open.
      if (current?.way === 'port') return wait(ms, deps.ended);
      await close();
      await wait(ms, deps.ended);
      current = await open(deps, process, () => (openedAtMs = clock.monotonicMs()));
    },
    close,
    openMs: () => openBeforeMs + (current === null ? 0 : clock.monotonicMs() - openedAtMs),
  };
}

async function open(deps: DoorDeps, process: ProcessId, onOpening: () => void): Promise<Opened> {
  const first = deps.look(process, 'with-all');
  // Listening because another Rampart opened it, or since its start? Its flags tell; the lock keeps the former out.
  const isItsOwn = first.way === 'port' && first.target.flags.listens;
  const release = isItsOwn ? async () => undefined : await deps.lock(first.target);
  try {
    const { target, way } = isItsOwn ? first : await lookWhenFree(deps, process);
    onOpening();
    const place = way === 'port' ? openPort(target) : await openBySignal(deps, process, target);
    if (place === null) throw gone();
    return { way, place, release, cdp: await connectTo(deps, process, target, place, way) };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Somebody else's debugger on the port is as a rule gone in a moment, too; what we began must not be lost for it. */
const PORT_WAIT_MS = 5_000;
const PORT_POLL_MS = 50;

async function lookWhenFree(deps: DoorDeps, process: ProcessId): Promise<ReturnType<DoorDeps['look']>> {
  const untilMs = deps.clock.monotonicMs() + PORT_WAIT_MS;
  for (;;) {
    try {
      return deps.look(process, 'none');
    } catch (error) {
      const isBusy = error instanceof RampartError && error.code === 'service-busy';
      if (!isBusy || deps.clock.monotonicMs() > untilMs) throw error;
    }
    await wait(PORT_POLL_MS, deps.ended);
  }
}

async function connectTo(
  deps: DoorDeps,
  process: ProcessId,
  target: Target,
  place: Listening,
  way: Opened['way'],
): Promise<CdpConnection> {
  let cdp: CdpConnection | null = null;
  try {
    cdp = await connectCdp(place.address, place.port);
    await checkPid(cdp, target.innerPid, way === 'signal' ? DEAD_MAN_MS : null);
    return cdp;
  } catch (error) {
    // We opened it, so we close it, through a new connection if need be.
    if (way === 'signal') await shut(deps, process, place, cdp);
    cdp?.drop();
    throw error;
  }
}

/** Sends the signal and finds the socket that was not there before. */
async function openBySignal(deps: DoorDeps, process: ProcessId, { listening, flags }: Target): Promise<Listening> {
  const before = new Set((listening ?? []).map(({ inode }) => inode));
  // The program may begin to listen just now, too: a port that its flags name must be that one.
  const isOurs = ({ inode, port, isLoopback }: Listening): boolean =>
    isLoopback && !before.has(inode) && (flags.port === 0 || port === flags.port);
  deps.signal(process);
  const deadlineMs = deps.clock.monotonicMs() + OPEN_TIMEOUT_MS;
  while (deps.clock.monotonicMs() < deadlineMs) {
    const place = deps.listening(process.pid)?.find(isOurs);
    if (place !== undefined) return place;
    await sleep(OPEN_POLL_MS);
  }
  deps.onOverdue(process, isOurs);
  throw new RampartError(
    'timeout',
    `its inspector did not open within ${OPEN_TIMEOUT_MS / 1000} s`,
    'It is in one long synchronous call (such as execSync); Rampart closes the inspector as soon as it opens. Try again later.',
  );
}

/** The far end must be the process that we mean: a port tells nothing of who answers. Installs the dead man's switch. */
async function checkPid(cdp: CdpConnection, innerPid: number, deadManMs: number | null): Promise<void> {
  const pid = await evaluate(
    cdp,
    (load, ms: number | null) => {
      if (ms !== null) {
        const inspector = load('inspector');
        const key = Symbol.for('rampart.dead-man');
        const kept = globalThis as unknown as Record<symbol, NodeJS.Timeout | undefined>;
        clearTimeout(kept[key]);
        const timer = setTimeout(() => inspector.close(), ms);
        timer.unref();
        Object.defineProperty(globalThis, key, { value: timer, configurable: true, enumerable: false });
      }
      return process.pid;
    },
    deadManMs,
  );
  if (pid === innerPid) return;
  throw new RampartError('io', 'another process answers at its port', 'Ask again in a moment.');
}

async function shut(deps: DoorDeps, process: ProcessId, place: Listening, cdp: CdpConnection | null): Promise<void> {
  if (await closeInspector(deps, process, place, cdp)) return;
  // Once more, with a connection of its own; after that it is watched until it can be closed.
  if (await closeInspector(deps, process, place, null)) return;
  deps.onOverdue(process, ({ inode }) => inode === place.inode);
}

/** True when the socket is seen to be gone. */
export async function closeInspector(
  deps: Pick<DoorDeps, 'clock' | 'listening'>,
  process: ProcessId,
  place: Listening,
  open: CdpConnection | null,
): Promise<boolean> {
  let cdp = open;
  try {
    if (cdp === null || cdp.isLost()) cdp = await connectCdp(place.address, place.port);
    await evaluate(
      cdp,
      (load, delayMs: number) => {
        const inspector = load('inspector');
        const key = Symbol.for('rampart.dead-man');
        const kept = globalThis as unknown as Record<symbol, NodeJS.Timeout | undefined>;
        clearTimeout(kept[key]);
        delete kept[key];
        setTimeout(() => inspector.close(), delayMs);
      },
      CLOSE_DELAY_MS,
    );
  } catch {
    // Whether it is closed is seen below.
  } finally {
    cdp?.drop();
  }
  const deadlineMs = deps.clock.monotonicMs() + CLOSE_TIMEOUT_MS;
  do {
    const listening = deps.listening(process.pid);
    if (listening === null || listening.every(({ inode }) => inode !== place.inode)) return true;
    await sleep(CLOSE_POLL_MS);
  } while (deps.clock.monotonicMs() < deadlineMs);
  return false;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {
    throw closing();
  });
}

export const closing = (): RampartError =>
  new RampartError('service-unavailable', 'the service is just ending', 'Ask again: the next call starts a new one.');

const gone = (): RampartError =>
  new RampartError('not-found', 'the process has ended', 'Run `rampart status` to see what lives.');

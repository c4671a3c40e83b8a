import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { RampartError } from '../../model/index.ts';
import type { GcReport } from './protocol.ts';

/** A tree of more Node processes and workers than this is watched by memory alone from there on. */
const MAX_CONNECTIONS = 256;
/** A report is about 250 characters; whoever sends more without a line break is not our preload. */
const MAX_LINE = 4096;
/** `sun_path` holds 108 bytes on Linux and 104 on macOS. */
const MAX_PATH_BYTES = 100;

export interface GcReceiver {
  /** Goes to the preload in `RAMPART_GC_SOCKET`. */
  readonly path: string;
  /** Node processes that have loaded the preload, whether their event loop has turned since or not. */
  announced(): ReadonlySet<number>;
  close(): Promise<void>;
}

/** Listens on a socket of our own, in a directory that only this user may enter. */
export async function openGcReceiver(onReport: (report: GcReport) => void): Promise<GcReceiver> {
  const place = socketPlace();
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    readLines(socket, (report) => {
      // One byte for each report: see MAX_UNANSWERED.
      socket.write('.');
      onReport(report);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new RampartError(
          'io',
          `cannot listen at ${place.path}: ${cause.message}`,
          'Set TMPDIR to a directory that may be written.',
          cause,
        ),
      ),
    );
    server.listen(place.path, resolve);
  });
  return {
    path: place.path,
    announced: () => announced(place.path),
    async close() {
      for (const socket of connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      place.remove();
    },
  };
}

/** Files `gc.sock.PID` beside the socket. */
function announced(path: string): ReadonlySet<number> {
  if (process.platform === 'win32') return new Set();
  const prefix = `${basename(path)}.`;
  try {
    const names = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
    return new Set(names.map((name) => Number(name.slice(prefix.length))).filter(Number.isInteger));
  } catch {
    return new Set();
  }
}

function socketPlace(): { path: string; remove: () => void } {
  if (process.platform === 'win32') {
    return { path: `\\\\.\\pipe\\rampart-gc-${process.pid}-${Date.now().toString(36)}`, remove: () => undefined };
  }
  const own = join(tmpdir(), 'rampart-gc-');
  const dir = mkdtempSync(Buffer.byteLength(own) + 20 <= MAX_PATH_BYTES ? own : '/tmp/rampart-gc-');
  chmodSync(dir, 0o700);
  return { path: join(dir, 'gc.sock'), remove: () => rmSync(dir, { recursive: true, force: true }) };
}

function readLines(socket: Socket, onReport: (report: GcReport) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const report = parseReport(line);
      if (report === null) return void socket.destroy();
      onReport(report);
    }
    if (rest.length > MAX_LINE) socket.destroy();
  });
}

const NUMBERS = [
  'pid',
  'threadId',
  'tMs',
  'pauseMs',
  'heapUsedBytes',
  'externalBytes',
  'arrayBuffersBytes',
  'heapTotalBytes',
  'rssBytes',
] as const satisfies readonly (keyof GcReport)[];

/** Null when it is no report: the socket is ours, but anything in the watched tree may have found its path. */
function parseReport(line: string): GcReport | null {
  if (line.length > MAX_LINE) return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const report = value as Record<string, unknown>;
  const sound = (name: string): boolean => Number.isFinite(report[name]) && (report[name] as number) >= 0;
  if (!NUMBERS.every(sound) || typeof report['forced'] !== 'boolean') return null;
  if (typeof report['tool'] !== 'boolean') return null;
  if (report['heapBeforeBytes'] !== null && !sound('heapBeforeBytes')) return null;
  return value as GcReport;
}

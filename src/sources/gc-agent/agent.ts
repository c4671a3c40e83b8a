import type * as Fs from 'node:fs';
import type * as Net from 'node:net';
import type * as Hooks from 'node:perf_hooks';
import type * as V8 from 'node:v8';
import type * as Vm from 'node:vm';
import type * as Workers from 'node:worker_threads';
import { FORCE_VARIABLE, type GcReport, MAX_UNANSWERED, SOCKET_VARIABLE } from './protocol.ts';

/**
 * The preload: `NODE_OPTIONS=--require …/gc-agent.cjs`. Runs inside other people's programs, so: no static import of Node's
 * modules (an old Node must not fail on one), no unhandled error, nothing that keeps the host alive, and silence for good
 * once the socket is gone. The build makes it one CommonJS file.
 */
/** Forced collections may take this share of the host's time: a large heap is collected more seldom … */
const MAX_PAUSE_SHARE = 0.1;
/** … but often enough that a minute gives a verdict. */
const MAX_FORCE_MS = 6_000;
/** `detail.kind` of a major collection (NODE_PERFORMANCE_GC_MAJOR). */
const MAJOR = 4;

function start(path: string): void {
  const net = require('net') as typeof Net;
  const hooks = require('perf_hooks') as typeof Hooks;
  const { threadId } = require('worker_threads') as typeof Workers;
  // Taken now: a test runner's fake timers come later and must not touch ours.
  const { setTimeout, clearTimeout, Date, performance } = globalThis;
  const memory = process.memoryUsage.bind(process);
  const forceMs = Number(process.env[FORCE_VARIABLE] ?? 0);
  announce(path);

  let unanswered = 0;
  let timer: NodeJS.Timeout | undefined;
  let observer: Hooks.PerformanceObserver | undefined;
  const socket = net.connect(path);
  socket.unref();
  const stop = quietly(() => {
    observer?.disconnect();
    if (timer !== undefined) clearTimeout(timer);
    socket.destroy();
  });
  socket.on('error', stop);
  socket.on('close', stop);
  socket.on('end', stop);
  socket.on('data', (bytes) => (unanswered -= bytes.length));

  const report = (forced: boolean, pauseMs: number, heapBeforeBytes: number | null): void => {
    if (unanswered >= MAX_UNANSWERED || !socket.writable) return;
    unanswered += 1;
    const { heapUsed, external, arrayBuffers, heapTotal, rss } = memory();
    const message: GcReport = {
      pid: process.pid,
      threadId,
      tMs: Date.now(),
      forced,
      pauseMs,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      arrayBuffersBytes: arrayBuffers,
      heapTotalBytes: heapTotal,
      rssBytes: rss,
      tool: isTool(),
      heapBeforeBytes,
    };
    socket.write(`${JSON.stringify(message)}\n`);
  };

  let forcing = false;
  observer = new hooks.PerformanceObserver(
    quietly((list: Hooks.PerformanceObserverEntryList) => {
      for (const entry of list.getEntries()) {
        const { kind } = ((entry as { detail?: unknown }).detail ?? entry) as { kind?: number };
        // The observer is told of forced collections too, later; those were reported with exact figures.
        if (kind === MAJOR && !forcing) report(false, entry.duration, null);
      }
      forcing = false;
    }),
  );
  observer.observe({ entryTypes: ['gc'] });

  const collect = forceMs > 0 ? collector() : null;
  if (collect === null) return;
  const schedule = (pauseMs: number): void => {
    timer = setTimeout(turn, Math.max(forceMs, Math.min(MAX_FORCE_MS, pauseMs / MAX_PAUSE_SHARE)));
    timer.unref();
  };
  const turn = quietly(() => {
    const before = memory().heapUsed;
    const fromMs = performance.now();
    forcing = true;
    collect();
    const pauseMs = performance.now() - fromMs;
    report(true, pauseMs, before);
    if (!socket.destroyed) schedule(pauseMs);
  });
  schedule(0);
}

/**
 * At once, since everything else needs an event loop that turns: a file beside the socket, named after the process. That a
 * Node process is there of which nothing else is heard tells that it computes in one go.
 */
function announce(path: string): void {
  if (process.platform === 'win32') return;
  const fs = require('fs') as typeof Fs;
  try {
    fs.writeFileSync(`${path}.${process.pid}`, '', { flag: 'wx', mode: 0o600 });
  } catch {
    // A worker of a process that has said so, or nobody listens.
  }
}

/** Asked anew each time: what runs other people's scripts puts their path there, and a server begins to listen later. */
function isTool(): boolean {
  const { realpathSync } = require('fs') as typeof Fs;
  const [, main] = process.argv;
  if (main === undefined || !/[\\/]node_modules[\\/]/.test(real(main, realpathSync))) return false;
  const { _getActiveHandles: handles } = process as {
    _getActiveHandles?: () => { fd?: unknown; listening?: unknown }[];
  };
  return handles?.call(process).every(({ fd, listening }) => fd !== 0 && listening !== true) ?? false;
}

/** Commands are links to their package's file. */
function real(path: string, realpath: (path: string) => string): string {
  try {
    return realpath(path);
  } catch {
    return path;
  }
}

/** V8's own `gc`, without a flag on the host's command line; the host's own contexts do not get to see it. */
function collector(): (() => void) | null {
  const own = (globalThis as { gc?: () => void }).gc;
  if (typeof own === 'function') return own;
  const v8 = require('v8') as typeof V8;
  const vm = require('vm') as typeof Vm;
  v8.setFlagsFromString('--expose-gc');
  try {
    const gc: unknown = vm.runInNewContext('gc');
    return typeof gc === 'function' ? (gc as () => void) : null;
  } finally {
    v8.setFlagsFromString('--no-expose-gc');
  }
}

/** The same function, but its failure is nobody's. */
function quietly<A extends unknown[]>(run: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch {
      // The host must never notice us.
    }
  };
}

quietly(() => {
  const path = process.env[SOCKET_VARIABLE];
  if (path !== undefined && path !== '') start(path);
})();

import { dueAfter, nextTier } from '../../src/sources/linux/tiers.ts';

/**
 * A made-up day of a swarm, sampled as the sampler does it (1 Hz, quiet processes back off to 8 s, ticks a few ms late).
 * It is made up: what it shows is the cost of these behaviours, not of your machine.
 */
export interface Behaviour {
  readonly name: string;
  readonly processes: number;
  /** Changes the process by one second. */
  step(process: Model, second: number, random: () => number): void;
}

export interface Model {
  readonly pid: number;
  readonly subject: string;
  readonly behaviour: Behaviour;
  pages: number;
  readonly sharedPages: number;
  cpuTicks: number;
  floor: number;
}

const MIB = 256; // pages

/** 333 processes with three metrics each, and one of the host: 1000 series. */
export const BEHAVIOURS: readonly Behaviour[] = [
  {
    // MCP servers and agents between two turns: nothing moves, a request every few minutes touches some pages.
    name: 'quiet',
    processes: 266,
    step: (process, _second, random) => {
      if (random() > 1 / 240) return;
      process.pages += Math.floor((random() - 0.45) * MIB);
      process.cpuTicks += 1 + Math.floor(random() * 20);
    },
  },
  {
    // A JavaScript heap at work: grows in steps of 256 KiB, a collection takes most of it back; works a third of the time.
    name: 'sawtooth',
    processes: 27,
    step: (process, second, random) => {
      if ((second + process.pid * 61) % 900 > 300) return;
      process.cpuTicks += 20 + Math.floor(random() * 60);
      process.pages += 64 * Math.floor(random() * 24);
      if (process.pages > process.floor + 100 * MIB) process.pages = process.floor + Math.floor(random() * 8 * MIB);
    },
  },
  {
    // 16 to 270 KiB a second, for ever: below the 1/64 that resets the back-off, so it is looked at every 8 s.
    name: 'leak',
    processes: 13,
    step: (process, _second, random) => {
      process.pages += Math.floor(4 + (process.pid % 8) * 8 * random());
      process.cpuTicks += 1 + Math.floor(random() * 3);
    },
  },
  {
    // Never still: a build, a test run. Moves by up to ±6 % each second, so it is looked at every second.
    name: 'noise',
    processes: 27,
    step: (process, _second, random) => {
      const swing = (random() + random() - 1) * 0.06 * process.floor;
      process.pages = process.floor + Math.floor(swing);
      process.cpuTicks += 50 + Math.floor(random() * 50);
    },
  },
];

/** A small generator of its own (mulberry32), so that every run sees the same day. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What one tick appends: columns, reused from tick to tick. */
export interface Tick {
  atMs: number;
  count: number;
  readonly models: Model[];
  readonly rssBytes: Float64Array;
  readonly anonBytes: Float64Array;
  readonly cpuMs: Float64Array;
  hostBytes: number;
}

export function createSwarm(startMs: number, seed: number): { models: readonly Model[]; tick(): Tick } {
  const random = seeded(seed);
  const models = BEHAVIOURS.flatMap((behaviour) =>
    Array.from({ length: behaviour.processes }, () => newModel(behaviour, random)),
  );
  const tiers = new Uint8Array(models.length);
  const dueMs = new Float64Array(models.length);
  const seen = new Float64Array(models.length);
  const size = models.length;
  const out: Tick = {
    atMs: startMs,
    count: 0,
    models: Array.from({ length: size }),
    rssBytes: new Float64Array(size),
    anonBytes: new Float64Array(size),
    cpuMs: new Float64Array(size),
    hostBytes: 0,
  };
  let second = 0;

  function tick(): Tick {
    // Node's timers are 0 … 2 ms late, now and then more.
    out.atMs = startMs + second * 1000 + Math.floor(random() * 3) + (random() < 0.01 ? Math.floor(random() * 40) : 0);
    out.count = 0;
    let used = 0;
    models.forEach((model, index) => {
      model.behaviour.step(model, second, random);
      used += model.pages;
      if (out.atMs < (dueMs[index] as number)) return;
      const before = seen[index] as number;
      const moved = Math.abs(model.pages - before) > before / 64;
      tiers[index] = nextTier(tiers[index] as number, moved, models.length);
      if (moved) seen[index] = model.pages;
      dueMs[index] = dueAfter(out.atMs, tiers[index] as number, model.pid);
      out.models[out.count] = model;
      out.rssBytes[out.count] = model.pages * 4096;
      out.anonBytes[out.count] = (model.pages - model.sharedPages) * 4096;
      out.cpuMs[out.count] = model.cpuTicks * 10;
      out.count += 1;
    });
    out.hostBytes = 64 * 1024 ** 3 - used * 4096 - Math.floor(random() * 4000) * 1024;
    second += 1;
    return out;
  }

  return { models, tick };
}

function newModel(behaviour: Behaviour, random: () => number): Model {
  const pid = 1000 + Math.floor(random() * 4_000_000);
  const floor = Math.floor((60 + random() * 240) * MIB);
  return {
    pid,
    subject: `${pid}:${Math.floor(random() * 900_000_000)}`,
    behaviour,
    pages: floor,
    sharedPages: 10_000,
    cpuTicks: Math.floor(random() * 5000),
    floor,
  };
}

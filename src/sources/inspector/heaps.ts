import { RampartError, type HeapFigures, type InspectedSpace } from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';
import type { Cdp } from './cdp.ts';
import { evaluate, field, figure, type Load } from './evaluate.ts';

/** Runs inside the process. */
const readHeap = (load: Load): unknown => {
  const v8 = load('v8');
  const { external, arrayBuffers } = process.memoryUsage();
  return {
    threadId: load('worker_threads').threadId,
    statistics: v8.getHeapStatistics(),
    spaces: v8.getHeapSpaceStatistics(),
    external,
    arrayBuffers,
  };
};

/** One isolate's heap, 2–50 ms. */
export async function heapOf(cdp: Cdp, name: string, timeoutMs?: number): Promise<HeapFigures> {
  const raw = await evaluate(cdp, readHeap, null, timeoutMs);
  const statistics = field(raw, 'statistics');
  const usedBytes = figure(field(statistics, 'used_heap_size'));
  const totalBytes = figure(field(statistics, 'total_heap_size'));
  if (usedBytes === null || totalBytes === null) throw implausible();
  const spaces = field(raw, 'spaces');
  return {
    threadId: figure(field(raw, 'threadId')) ?? 0,
    name: sanitise(name, 100),
    usedBytes,
    totalBytes,
    physicalBytes: figure(field(statistics, 'total_physical_size')),
    limitBytes: figure(field(statistics, 'heap_size_limit')),
    externalBytes: figure(field(raw, 'external')),
    arrayBuffersBytes: figure(field(raw, 'arrayBuffers')),
    spaces: Array.isArray(spaces) ? spaces.slice(0, MAX_SPACES).flatMap(spaceOf) : [],
  };
}

/** V8 has ten. */
const MAX_SPACES = 32;

function spaceOf(raw: unknown): InspectedSpace[] {
  const name = field(raw, 'space_name');
  const sizeBytes = figure(field(raw, 'space_size'));
  const usedBytes = figure(field(raw, 'space_used_size'));
  const availableBytes = figure(field(raw, 'space_available_size'));
  const physicalBytes = figure(field(raw, 'physical_space_size'));
  if (typeof name !== 'string' || sizeBytes === null || usedBytes === null) return [];
  return [
    {
      name: sanitise(name, 40),
      sizeBytes,
      usedBytes,
      availableBytes: availableBytes ?? 0,
      physicalBytes: physicalBytes ?? 0,
    },
  ];
}

const implausible = (): RampartError =>
  new RampartError('io', 'the process told no plausible heap figures', 'It has changed built-in functions of Node.');

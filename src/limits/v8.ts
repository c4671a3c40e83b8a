import type { ProcessFacts } from '../model/index.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

export interface V8Limit {
  readonly limitBytes: number;
  /** One plain sentence. */
  readonly source: string;
}

/** Flags of Node before the script; what follows the script is the script's own. Values come as `--flag=value` only. */
const TAKES_VALUE = /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--title)$/;

function nodeFlags(argv: readonly string[]): readonly string[] {
  const flags: string[] = [];
  for (let i = 1; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (!argument.startsWith('-') || argument === '--') break;
    flags.push(argument);
    if (/^(?:-e|--eval|-p|--print|-pe)$/.test(argument)) break;
    if (TAKES_VALUE.test(argument)) i++;
  }
  return flags;
}

/** The last value wins, as in V8; 0 means "default". Dashes and underscores are the same to V8. */
function lastValue(flags: readonly string[], name: RegExp): number | null {
  for (const flag of flags.toReversed()) {
    const match = name.exec(flag.replaceAll('_', '-'));
    if (match !== null) return Number(match[1]) || null;
  }
  return null;
}

const OLD_SPACE = /^--max-old-space-size=(\d+)$/;
const OLD_SPACE_PERCENT = /^--max-old-space-size-percentage=(\d+(?:\.\d+)?)$/;

/**
 * The old-space limit of a 64-bit Node: what a growing JavaScript heap meets first ("heap out of memory"). Young space
 * (a few MiB to 192 MiB more) is not in it.
 *
 * Flags on the command line outrank NODE_OPTIONS. The default is V8's `Heap::HeapSizeFromPhysicalMemory`, fed by Node
 * with the smaller of RAM and the cgroup's limit at start: half of it, at least 256 MiB, at most 2 GiB, or 4 GiB on
 * large machines. Measured with `v8.getHeapStatistics().heap_size_limit` less young space under cgroup limits from 256 MiB
 * to 24 GiB: Node 20.20, 22.23 and 24.21 agree, but "large" starts at 15 GiB in Node 22 and 24 and at 15.5 GiB in
 * Node 20, and below 15.5 GiB the smaller limit is taken. Worker threads have heaps and limits of their own.
 */
export function v8OldSpaceLimit(facts: ProcessFacts, memoryBytes: number): V8Limit | null {
  if (facts.runtime !== 'node') return null;
  const ownFlags = nodeFlags(facts.argv);
  const envFlags = (facts.env['NODE_OPTIONS'] ?? '').replace(/(--[a-z_-]*size) (\d)/g, '$1=$2').split(' ');
  for (const [flags, where] of [
    [ownFlags, 'its command line'],
    [envFlags, 'NODE_OPTIONS'],
  ] as const) {
    const sizeMib = lastValue(flags, OLD_SPACE);
    if (sizeMib !== null) return { limitBytes: sizeMib * MIB, source: `--max-old-space-size=${sizeMib} on ${where}` };
    const percent = lastValue(flags, OLD_SPACE_PERCENT);
    if (percent !== null) {
      const limitBytes = Math.floor((memoryBytes * percent) / 100);
      return { limitBytes, source: `--max-old-space-size-percentage=${percent} on ${where}` };
    }
  }
  return { limitBytes: defaultOldSpaceBytes(memoryBytes), source: "V8's default for this much memory" };
}

function defaultOldSpaceBytes(memoryBytes: number): number {
  const most = memoryBytes >= 15.5 * GIB ? 4 * GIB : 2 * GIB;
  return Math.min(most, Math.max(256 * MIB, Math.floor(memoryBytes / 2)));
}

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/index.ts';
import type { Registry } from '../model/index.ts';
import { type ClaimReader, merge, NOTHING } from './claim-reader.ts';
import { claudeFlowPids } from './claude-flow-pids.ts';
import { claudeSessions } from './claude-sessions.ts';
import { hiveDb } from './hive-db.ts';
import { type MemoryBank, watchMemoryBank } from './memory-bank.ts';

/** A whole configuration fits. */
export type RegistryOptions = Pick<Config, 'claudeConfigDir' | 'projects' | 'integrations'> & {
  /** False: the memory bank is looked at when asked, and nothing stays open (a single status without a service). */
  readonly watch: boolean;
};

export interface RegistryReader {
  /** What all files say now; never throws. While nothing changes it is cheap, and the same `claims` come back. */
  read(): Promise<Registry>;
  readonly banks: readonly MemoryBank[];
  /** Ends all watching: the process can exit. */
  close(): void;
}

/** Watches of all memory banks together; the rest of their folders is found by the sweep. */
const MAX_WATCHES = 250;

export function openRegistry({ claudeConfigDir, projects, integrations, watch }: RegistryOptions): RegistryReader {
  const maxWatches = watch ? Math.floor(MAX_WATCHES / Math.max(projects.length, 1)) : 0;
  const banks = integrations.memoryBank ? projects.map((project) => watchMemoryBank({ project, maxWatches })) : [];
  const readers: ClaimReader[] = [
    ...(integrations.claudeSessions
      ? [claudeSessions({ claudeConfigDir: claudeConfigDir ?? join(homedir(), '.claude') })]
      : []),
    ...(integrations.claudeFlow ? projects.map((project) => claudeFlowPids({ project })) : []),
    ...(integrations.hiveDb ? projects.map((project) => hiveDb({ project })) : []),
    ...banks,
  ];
  let last: Registry = NOTHING;
  return {
    banks,
    read: async () => {
      const { claims, problems } = merge(await Promise.all(readers.map((reader) => reader.read())));
      last = { claims: isSame(claims, last.claims) ? last.claims : claims, problems };
      return last;
    },
    close: () => {
      for (const bank of banks) bank.close();
    },
  };
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** One look, nothing left open. */
export async function readRegistry(options: Omit<RegistryOptions, 'watch'>): Promise<Registry> {
  const registry = openRegistry({ ...options, watch: false });
  try {
    return await registry.read();
  } finally {
    registry.close();
  }
}

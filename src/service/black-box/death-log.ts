import type { Death, Store } from '../../model/index.ts';
import { KILLERS } from '../../model/index.ts';

const FILE = 'deaths.jsonl';
/** A death has about 4 KB with its curve: 1 MB in RAM and on disk. Ordinary ends make room first. */
const MAX_DEATHS = 200;
const MAX_ORDINARY = 50;
/** Rewriting is left until a fifth more has gathered. */
const SLACK = 1.2;

/** The deaths that are remembered, oldest first, on disk as one JSON line each. */
export interface DeathLog {
  readonly deaths: readonly Death[];
  /** Lines that could not be read: torn by a crash, or not ours. */
  readonly torn: number;
  add(death: Death): Promise<void>;
}

/** Whatever cannot be read is left out and counted; a torn tail is mended so that the next line does not join it. */
export async function openDeathLog(store: Store): Promise<DeathLog> {
  const bytes = await store.read(FILE);
  const text = bytes === null ? '' : new TextDecoder().decode(bytes);
  const lines = text.split('\n').filter((line) => line !== '');
  let deaths = bounded(lines.flatMap((line) => parseDeath(line) ?? []));
  const torn = lines.filter((line) => parseDeath(line) === null).length;
  let written = lines.length;
  if (torn > 0 || (text !== '' && !text.endsWith('\n'))) await rewrite();

  async function rewrite(): Promise<void> {
    await store.replace(FILE, new TextEncoder().encode(deaths.map((death) => `${JSON.stringify(death)}\n`).join('')));
    written = deaths.length;
  }

  return {
    get deaths() {
      return deaths;
    },
    torn,
    async add(death) {
      deaths = bounded([...deaths, death]);
      if (written + 1 > (MAX_DEATHS + MAX_ORDINARY) * SLACK) return rewrite();
      written += 1;
      await store.append(FILE, new TextEncoder().encode(`${JSON.stringify(death)}\n`));
    },
  };
}

/** The newest of each kind. */
function bounded(deaths: readonly Death[]): Death[] {
  let unusual = 0;
  let ordinary = 0;
  return deaths
    .toReversed()
    .filter((death) => (death.ordinary ? (ordinary += 1) <= MAX_ORDINARY : (unusual += 1) <= MAX_DEATHS))
    .toReversed();
}

function parseDeath(line: string): Death | null {
  try {
    const death = JSON.parse(line) as Partial<Death> | null;
    const isDeath =
      typeof death?.id === 'string' &&
      typeof death.process?.pid === 'number' &&
      typeof death.diedBeforeMs === 'number' &&
      KILLERS.some((killer) => killer === death.killer) &&
      Array.isArray(death.curve) &&
      Array.isArray(death.evidence);
    return isDeath ? (death as Death) : null;
  } catch {
    return null;
  }
}

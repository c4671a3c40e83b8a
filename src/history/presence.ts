import type { SubjectId } from '../model/index.ts';

/**
 * Which files may hold a subject, without reading them: a Bloom filter for each file that was read once, eight bits and
 * five probes a subject (2 % of the answers "maybe" are wrong, "no" never is). Within a byte budget; the file that was
 * asked for longest ago is forgotten first, and is read again when it matters.
 */
export class Presence {
  bytes = 0;
  readonly #filters = new Map<string, Uint8Array>();
  readonly #budgetBytes: number;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  knows(file: string): boolean {
    return this.#filters.has(file);
  }

  learn(file: string, subjects: readonly (SubjectId | undefined)[]): void {
    if (this.#filters.has(file)) return;
    const filter = new Uint8Array(subjects.length + 8);
    for (const subject of subjects) {
      if (subject !== undefined)
        probes(subject, filter.length * 8, (bit) => (filter[bit >> 3] = byte(filter, bit) | mask(bit)));
    }
    this.#filters.set(file, filter);
    this.bytes += filter.length;
    for (const [name, old] of this.#filters) {
      if (this.bytes <= this.#budgetBytes) break;
      this.#filters.delete(name);
      this.bytes -= old.length;
    }
  }

  /** False: surely not in that file. True: maybe, or the file was never read. */
  mayHold(file: string, subject: SubjectId): boolean {
    const filter = this.#filters.get(file);
    if (filter === undefined) return true;
    this.#filters.delete(file);
    this.#filters.set(file, filter);
    let all = true;
    probes(subject, filter.length * 8, (bit) => {
      if ((byte(filter, bit) & mask(bit)) === 0) all = false;
    });
    return all;
  }

  forget(file: string): void {
    this.bytes -= this.#filters.get(file)?.length ?? 0;
    this.#filters.delete(file);
  }
}

const PROBES = 5;

function byte(filter: Uint8Array, bit: number): number {
  return filter[bit >> 3] as number;
}

function mask(bit: number): number {
  return 1 << (bit & 7);
}

/** Double hashing after Kirsch and Mitzenmacher: two FNV-1a hashes give all probes. */
function probes(subject: SubjectId, bits: number, visit: (bit: number) => void): void {
  let one = 0x811c9dc5;
  let two = 0x01000193;
  for (let index = 0; index < subject.length; index += 1) {
    one = Math.imul(one ^ subject.charCodeAt(index), 0x01000193) >>> 0;
    two = Math.imul(two ^ (subject.charCodeAt(index) + index), 0x85ebca6b) >>> 0;
  }
  const stride = (two | 1) >>> 0;
  for (let probe = 0; probe < PROBES; probe += 1) visit((one + probe * stride) % bits);
}

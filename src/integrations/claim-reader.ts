import type { Registry } from '../model/index.ts';

/** One kind of file that says something about processes. One reader is one file of this folder. */
export interface ClaimReader {
  readonly name: string;
  /** Everything that can be read now; never throws. Cheap while nothing changes. */
  read(): Promise<Registry>;
}

export const NOTHING: Registry = { claims: [], problems: [] };

export function merge(parts: readonly Registry[]): Registry {
  return { claims: parts.flatMap((part) => part.claims), problems: parts.flatMap((part) => part.problems) };
}

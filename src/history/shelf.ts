import type { Store } from '../model/index.ts';
import { type Catalogue, type HistoryFile, loadCatalogue } from './files.ts';

/**
 * The files of a store, and their coming and going while somebody reads: what is taken off the shelf is deleted only
 * when nobody reads any more, so that a reader never finds a file gone that it saw a moment ago.
 */
export class Shelf {
  readonly #store: Store;
  #catalogue: Catalogue | null = null;
  #retired: string[] = [];
  #readers = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Null: the store could not be listed yet. */
  get catalogue(): Catalogue | null {
    return this.#catalogue;
  }

  get files(): readonly HistoryFile[] {
    return this.#catalogue?.files ?? [];
  }

  /** Lists the store, once. Nothing may be written before: a number could be given twice. */
  async load(): Promise<Catalogue> {
    this.#catalogue ??= await loadCatalogue(this.#store);
    return this.#catalogue;
  }

  /** In one step for every reader: those files out, these in. */
  exchange(out: readonly HistoryFile[], into: readonly HistoryFile[]): void {
    if (this.#catalogue === null) return;
    this.#retired.push(...out.map(({ name }) => name));
    this.#catalogue.files = [...this.#catalogue.files.filter((file) => !out.includes(file)), ...into].sort(
      (a, b) => a.last - b.last,
    );
  }

  async reading<T>(work: () => Promise<T>): Promise<T> {
    this.#readers += 1;
    try {
      return await work();
    } finally {
      this.#readers -= 1;
    }
  }

  /** Deletes what was taken off, unless somebody reads; then the next call does. */
  async sweep(): Promise<void> {
    while (this.#readers === 0 && this.#retired.length > 0) {
      await this.#store.remove(this.#retired[0] as string);
      this.#retired.shift();
    }
  }
}

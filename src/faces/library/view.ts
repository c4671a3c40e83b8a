import { EventEmitter } from 'node:events';
import type { RampartEvent } from '../../model/index.ts';
import type { Embedded } from '../../service/embedded/index.ts';
import { createCore, type Core, type MemoryOptions } from './core.ts';

/** A view of the one engine of a program. Made from options it has an engine of its own; made from another view, that one's. */
export abstract class View extends EventEmitter {
  readonly core: Core;
  #unsubscribe: (() => void) | null = null;
  #starting: Promise<void> | null = null;

  constructor(from: MemoryOptions | View = {}) {
    super();
    this.core = from instanceof View ? from.core : createCore(from);
  }

  /** Begins to look. Keeps the program not alive. Rejects with `RampartError('bad-config')` for an option that is wrong. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Ends it; nothing of ours runs any more when the last view has stopped. */
  async stop(): Promise<void> {
    if (this.#starting === null) return;
    await this.#starting;
    this.#starting = null;
    this.#unsubscribe?.();
    await this.core.stop();
  }

  async #start(): Promise<void> {
    const engine = await this.core.start();
    this.onOpen(engine);
    this.#unsubscribe = await engine.rampart.subscribe((event) => this.onEvent(event));
  }

  protected onOpen(_engine: Embedded): void {
    // Most views only listen to events.
  }

  protected onEvent(_event: RampartEvent): void {
    // Most views hear only some.
  }
}

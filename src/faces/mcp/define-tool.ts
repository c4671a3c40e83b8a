import type * as z from 'zod';
import type { Caller, Rampart } from '../../model/index.ts';

/**
 * What a client may assume about a tool before it calls it. The type asks for all four: a hint left out means its worst
 * value by the protocol's defaults (destructive, open world), and clients ask the user because of it.
 */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** What every tool answers. `Data` is what the tool's `output` schema describes. */
export interface ToolAnswer<Data> {
  /** One or two sentences of our own words: figures, never text that a process or an agent wrote. */
  readonly summary: string;
  readonly data: Data;
  /** The calls that are worth making next, ready to copy; at most three. */
  readonly next: readonly string[];
  /** Pass it back as `cursor` for the next page; absent on the last. */
  readonly nextCursor?: string | undefined;
}

/** A tool's question to the user, in place of an answer: the client shows it, and calls the tool again with what was said. */
export interface ToolQuestion {
  readonly ask: {
    /** Shown to a person; names of processes may stand in it, sanitised. */
    readonly message: string;
    /** Of the box to tick. */
    readonly title: string;
    /** Kept here until the answer comes. */
    readonly token: string;
  };
}

/** Whether the user can be asked, and what the user said. */
export interface Confirmation {
  readonly canAsk: boolean;
  /** Null: not asked yet. `token` null: the question is not known here any more. */
  readonly answer: { readonly accepted: boolean; readonly token: string | null } | null;
}

/** Who asks, of whom, and when: all that a tool may know besides its input. */
export interface ToolContext {
  readonly rampart: Rampart;
  /** Found only when asked for: over HTTP it means to look through the descriptors of every process. */
  readonly caller: () => Promise<Caller>;
  /** Wall clock, ms since the epoch. */
  readonly nowMs: number;
  readonly confirmation: Confirmation;
  /** Tells the client how far a long call is; null: it did not ask. */
  readonly report:
    | ((progress: { readonly done: number; readonly total: number | null; readonly message: string }) => void)
    | null;
}

/** One MCP tool. A file in `tools/` exports one of these, and `tools/index.ts` lists it. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** snake_case, the name that models call. */
  readonly name: string;
  readonly title: string;
  /** What it answers and when to call it; name, description and input schema together cost at most 220 tokens. */
  readonly description: string;
  readonly annotations: ToolHints;
  /** Every parameter is described and has a default or is optional. */
  readonly input: Input;
  /** The schema of `data`; every field typed. */
  readonly output: Output;
  /** Throws `RampartError` for what the caller can mend: it becomes a tool error with the next call in it. */
  readonly handler: (
    input: z.output<Input>,
    context: ToolContext,
  ) => Promise<ToolAnswer<z.input<Output>> | ToolQuestion>;
}

/** A tool whose schemas only it knows, as the server lists it. */
export interface AnyTool extends Omit<Tool, 'handler'> {
  readonly handler: (
    input: never,
    context: ToolContext,
  ) => Promise<ToolAnswer<Readonly<Record<string, unknown>>> | ToolQuestion>;
}

/** Checks the handler against the schemas beside it; returns the tool as it is. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}

import * as z from 'zod';
import type { AnyTool, ToolHints } from './define-tool.ts';

/** What `tools/list` says of one tool: plain data. */
export interface CatalogEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolHints;
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The catalog of the given tools. `tools/catalog.json` is this of `TOOLS`, written by `scripts/generate-tools.mjs`: most
 * starts of the relay end after `tools/list`, and building every schema for it cost 5 MiB of RSS and 15 ms of CPU. It is also the
 * record of every schema: a test fails when file and tools differ.
 */
export function catalogOf(tools: readonly AnyTool[]): CatalogEntry[] {
  return tools.map(({ name, title, description, annotations, input, output }) => ({
    name,
    title,
    description,
    annotations,
    inputSchema: jsonSchema(input, 'input'),
    outputSchema: jsonSchema(envelope(output), 'output'),
  }));
}

/** The shape that every answer has; `data` is the tool's own. */
export function envelope(data: z.ZodObject): z.ZodObject {
  return z.object({
    summary: z.string(),
    data,
    next: z.array(z.string()).max(3).describe('calls worth making next'),
    nextCursor: z.string().optional(),
  });
}

function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): JsonObject {
  // 2020-12 is what MCP reads without a $schema; naming it would cost every client tokens.
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return portable(json) as JsonObject;
}

/** `type: ['number', 'null']` as a choice of two types: what clients with a smaller dialect of JSON Schema can read. */
function portable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(portable);
  if (typeof node !== 'object' || node === null) return node;
  const fields = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, portable(value)]));
  if (!Array.isArray(fields['type'])) return fields;
  const { type, description, ...rest } = fields;
  const choices = (type as string[]).map((one) => (one === 'null' ? { type: one } : { type: one, ...rest }));
  return { anyOf: choices, ...(description === undefined ? {} : { description }) };
}

import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../../src/faces/mcp/catalog.ts';
import { TOOLS } from '../../../tools/index.ts';
import catalog from '../../../tools/catalog.json' with { type: 'json' };
import { fakeRampart } from '../../support/mcp/fake-rampart.ts';
import { linkedClient } from '../../support/mcp/linked-client.ts';

/** What a client pays for a tool on every turn. */
const MAX_TOKENS = 220;

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
}

const listed = async () => {
  const rampart = fakeRampart();
  const client = await linkedClient({ rampart: async () => rampart });
  const { tools } = await client.listTools();
  expect(rampart.asked).toEqual([]);
  return tools;
};

describe('the catalog', () => {
  it('is what the tools say (after a change: node --import tsx scripts/generate-tools.mjs)', () => {
    expect(catalog).toEqual(catalogOf(TOOLS));
  });

  it('is what tools/list answers, in this order, and asks nobody for it', async () => {
    const tools = await listed();
    expect(tools[0]?.name).toBe('memory_status');
    expect(
      tools.map(({ name, title, description, annotations, inputSchema, outputSchema }) => ({
        name,
        title,
        description,
        annotations,
        inputSchema,
        outputSchema,
      })),
    ).toEqual(catalog);
  });

  it(`costs at most ${MAX_TOKENS} tokens a tool for name, description and input schema`, async () => {
    for (const { name, description, inputSchema } of await listed()) {
      const tokens = encode(JSON.stringify({ name, description, inputSchema })).length;
      expect(tokens).toBeLessThanOrEqual(MAX_TOKENS);
      expect(tokens).toBeGreaterThan(50);
    }
  });
});

describe.each(catalog)('$name', (tool) => {
  it('states all four hints, and only reads unless it is one of those that change something', () => {
    const acts = tool.name === 'apply_optimization';
    // It stops its target for a moment, and each call writes another file.
    const writes = tool.name === 'capture_snapshot';
    // It can acknowledge and silence, which harms nothing and can be asked twice.
    const changes = acts || writes || tool.name === 'list_alerts';
    expect(tool.annotations).toEqual({
      readOnlyHint: !changes,
      destructiveHint: acts,
      idempotentHint: !acts && !writes,
      openWorldHint: false,
    });
  });

  it('describes every parameter, and needs none', () => {
    const input = tool.inputSchema as Schema & { required?: string[] };
    const parameters = Object.values(input.properties ?? {});
    expect(parameters.length).toBeGreaterThan(0);
    for (const parameter of parameters) expect(parameter.description).toMatch(/\w/);
    expect(input.required).toBeUndefined();
  });

  it('types every field of its answer', () => {
    const untyped: string[] = [];
    const walk = (schema: Schema, path: string): void => {
      if (schema.type === undefined && schema.anyOf === undefined && schema.enum === undefined) untyped.push(path);
      for (const [name, field] of Object.entries(schema.properties ?? {})) walk(field, `${path}.${name}`);
      if (schema.items !== undefined) walk(schema.items, `${path}[]`);
      if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${path}{}`);
      for (const option of schema.anyOf ?? []) walk(option, path);
    };
    walk(tool.outputSchema as Schema, '');
    expect(untyped).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigSchema } from '../../../src/config/schema.ts';
import { runRuleTests } from '../../../src/service/rule-tests/run.ts';

const config = ConfigSchema.parse({});
const dir = new URL('../../alerts/', import.meta.url);

for (const file of readdirSync(dir).filter((name) => name.endsWith('.yaml'))) {
  for (const result of runRuleTests(parse(readFileSync(new URL(file, dir), 'utf8')), config)) {
    test(`${file}: ${result.name}`, () => expect(result.failures).toEqual([]));
  }
}

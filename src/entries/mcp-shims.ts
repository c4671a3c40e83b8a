import process from 'node:process';

/**
 * Stands in for the SDK's `_shims` in the relay's bundle (tsdown.config.ts). The SDK makes a JSON Schema validator for
 * every server, to check what a user typed into an elicitation form; ours asks for none, and ajv would cost every
 * agent session 1 MiB and 15 ms. Whoever elicits one day validates with a zod schema (`acceptedContent`).
 */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error('this bundle validates no JSON Schema: pass a zod schema to acceptedContent');
  }
}

export { process };

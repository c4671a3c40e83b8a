// supabase-community/supabase-mcp#215: in zod 3.25's v4, each `.describe()` adds the schema to a registry that never forgets.
export default {
  source: 'supabase-community/supabase-mcp#215',
  packages: { leaky: 'zod-leaky/v4', fixed: 'zod-fixed' },
  kind: 'v8-heap',
  perSecond: 30,
  start:
    ({ z }) =>
    () => {
      z.object({ query: z.string().describe('what to look for'), limit: z.number().describe('how many') }).parse({
        query: 'a',
        limit: 1,
      });
    },
};

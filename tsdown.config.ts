import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsdown';
import type { UserConfig } from 'tsdown';

/**
 * One bundle per entry point, dependencies inside: an agent starts `mcp.js` once per session, and
 * resolving a dozen packages from disk costs it 70 ms of CPU that one file does not.
 */
const base: UserConfig = {
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  dts: false,
  clean: true,
  noExternal: [/./],
  outExtensions: () => ({ js: '.js' }),
};

/** V8 keeps the text of a script: with one character beyond Latin-1 every character takes two bytes. */
const asciiOnly = {
  name: 'ascii-only',
  generateBundle(_options: unknown, bundle: Record<string, { type: string; code?: string }>) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk' || file.code === undefined) continue;
      file.code = file.code.replaceAll(
        // eslint-disable-next-line no-control-regex
        /[^\u0000-\u007f]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

export default defineConfig([
  {
    ...base,
    name: 'programs',
    entry: {
      index: 'src/index.ts',
      cli: 'src/entries/cli.ts',
      service: 'src/entries/service.ts',
      'compare-snapshots': 'src/entries/compare-snapshots.ts',
    },
  },
  {
    // The relay runs once per agent session: small and alone. bench/mcp-startup holds it to its limits.
    ...base,
    name: 'mcp',
    entry: { mcp: 'src/entries/mcp.ts' },
    minify: true,
    alias: {
      '@modelcontextprotocol/server/_shims': fileURLToPath(new URL('src/entries/mcp-shims.ts', import.meta.url)),
    },
    plugins: [asciiOnly],
  },
  {
    // Preloaded by `rampart run` into Node programs of any version: CommonJS, alone, small.
    ...base,
    name: 'gc-agent',
    entry: { 'gc-agent': 'src/sources/gc-agent/agent.ts' },
    format: 'cjs',
    outExtensions: () => ({ js: '.cjs' }),
    target: 'node14',
    minify: true,
  },
]);

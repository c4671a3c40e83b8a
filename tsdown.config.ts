import { defineConfig } from 'tsdown';

/**
 * One bundle per entry point, dependencies inside: an agent starts `mcp.js` once per session, and
 * resolving a dozen packages from disk costs it 70 ms of CPU that one file does not.
 */
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    cli: 'src/entries/cli.ts',
    mcp: 'src/entries/mcp.ts',
    service: 'src/entries/service.ts',
  },
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  dts: false,
  clean: true,
  noExternal: [/./],
  outExtensions: () => ({ js: '.js' }),
});

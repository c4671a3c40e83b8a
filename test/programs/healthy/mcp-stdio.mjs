// An MCP server over stdio as a child process, and the client that calls its tools.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const from = (path) => JSON.stringify(import.meta.resolve(path));
export default {
  packages: { healthy: 'mcp-sdk/client/index.js' },
  perSecond: 60,
  async start({ Client }) {
    const { StdioClientTransport } = await import('mcp-sdk/client/stdio.js');
    const file = join(mkdtempSync(join(tmpdir(), 'rampart-mcp-')), 'server.mjs');
    writeFileSync(
      file,
      `import { Server } from ${from('mcp-sdk/server/index.js')};
      import { StdioServerTransport } from ${from('mcp-sdk/server/stdio.js')};
      import { CallToolRequestSchema, ListToolsRequestSchema } from ${from('mcp-sdk/types.js')};
      const server = new Server({ name: 'files', version: '1.0.0' }, { capabilities: { tools: {} } });
      const tools = [{ name: 'read', inputSchema: { type: 'object' } }];
      server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools }));
      server.setRequestHandler(CallToolRequestSchema, async ({ params }) => ({
        content: [{ type: 'text', text: (params.arguments.path + ' ').repeat(200) }],
      }));
      await server.connect(new StdioServerTransport());`,
    );
    const transport = new StdioClientTransport({ command: process.execPath, args: [file], env: { ...process.env } });
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(transport);
    let n = 0;
    return async () => {
      if (n % 50 === 0) await client.listTools();
      await client.callTool({ name: 'read', arguments: { path: `/notes/${(n += 1)}` } });
    };
  },
};

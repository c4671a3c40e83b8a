// modelcontextprotocol/typescript-sdk#2559: in JSON mode each answered request stays in the transport's stream mapping (1.32.2 does
// the same); in SSE mode it is taken out.
export default {
  source: 'modelcontextprotocol/typescript-sdk#2559',
  packages: { leaky: 'mcp-sdk/server/index.js', fixed: 'mcp-sdk/server/index.js' },
  kind: 'v8-heap',
  perSecond: 30,
  async start({ Server }, variant) {
    const { WebStandardStreamableHTTPServerTransport: Transport } =
      await import('mcp-sdk/server/webStandardStreamableHttp.js');
    const { ListToolsRequestSchema } = await import('mcp-sdk/types.js');
    const server = new Server({ name: 'tools', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, async () => ({
      tools: Array.from({ length: 5 }, (_, i) => ({ name: `tool-${i}`, inputSchema: { type: 'object' } })),
    }));
    const transport = new Transport({ sessionIdGenerator: () => 'session', enableJsonResponse: variant === 'leaky' });
    await server.connect(transport);
    const post = (body, more = {}) =>
      transport.handleRequest(
        new Request('http://localhost/mcp', {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...more },
          body: JSON.stringify({ jsonrpc: '2.0', ...body }),
        }),
      );
    const clientInfo = { name: 'test', version: '1.0.0' };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    await (await post({ id: 0, method: 'initialize', params })).text();
    let n = 0;
    const headers = { 'mcp-session-id': 'session', 'mcp-protocol-version': '2025-06-18' };
    return async () => void (await (await post({ id: (n += 1), method: 'tools/list', params: {} }, headers)).text());
  },
};

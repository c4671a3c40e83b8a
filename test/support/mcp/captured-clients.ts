/**
 * What real clients sent to an MCP server over stdio, in their order and with their own bytes (paths rewritten). Only the
 * tool that Claude Code calls is one of ours.
 */

const CLAUDE_INFO =
  '{"name":"claude-code","title":"Claude Code","version":"2.1.330","description":"Anthropic\'s agentic coding tool","websiteUrl":"https://claude.com/claude-code"}';
const CLAUDE_CAPABILITIES = '{"roots":{"listChanged":true},"elicitation":{"form":{},"url":{}}}';

const CLAUDE_META = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":${CLAUDE_INFO},"io.modelcontextprotocol/clientCapabilities":${CLAUDE_CAPABILITIES}}`;

export const CAPTURED = {
  // Against this server: it has the new era, so Claude Code stays with it.
  'claude-code 2.1.330, 2026-07-28': [
    `{"jsonrpc":"2.0","id":"server-discover-probe-1","method":"server/discover","params":{${CLAUDE_META}}}`,
    `{"method":"resources/list","jsonrpc":"2.0","id":0,"params":{${CLAUDE_META}}}`,
    `{"method":"tools/list","jsonrpc":"2.0","id":1,"params":{${CLAUDE_META}}}`,
  ],
  // Against a server without it.
  'claude-code 2.1.330': [
    `{"jsonrpc":"2.0","id":"server-discover-probe-1","method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":${CLAUDE_INFO},"io.modelcontextprotocol/clientCapabilities":${CLAUDE_CAPABILITIES}}}}`,
    `{"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":${CLAUDE_CAPABILITIES},"clientInfo":${CLAUDE_INFO}},"jsonrpc":"2.0","id":0}`,
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    '{"method":"tools/list","jsonrpc":"2.0","id":1}',
    '{"result":{"roots":[{"uri":"file:///home/user/code/proj"}]},"jsonrpc":"2.0","id":"r1"}',
    '{"method":"tools/call","params":{"name":"memory_status","arguments":{},"_meta":{"claudecode/toolUseId":"toolu_3","progressToken":2}},"jsonrpc":"2.0","id":2}',
  ],
  'codex 0.169.0': [
    '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"experimental":{"codex/auth-change":{}},"elicitation":{"form":{},"url":{}}},"clientInfo":{"name":"codex-mcp-client","title":"Codex","version":"0.169.0"}}}',
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"progressToken":0}}}',
    '{"jsonrpc":"2.0","id":"r1","result":{"roots":[]}}',
  ],
  'gemini-cli 0.61.0': [
    '{"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"roots":{"listChanged":true}},"clientInfo":{"name":"gemini-cli-mcp-client","version":"0.61.0"}},"jsonrpc":"2.0","id":0}',
    '{"method":"notifications/initialized","jsonrpc":"2.0"}',
    '{"method":"tools/list","params":{},"jsonrpc":"2.0","id":1}',
    '{"result":{"roots":[{"uri":"file:///home/user/code/gproj","name":"gproj"}]},"jsonrpc":"2.0","id":"r1"}',
  ],
} as const;

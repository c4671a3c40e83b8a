import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CLIENTS, clientConfig } from '../../../src/integrations/client-config.ts';

const options = {
  command: ['/usr/bin/node', "/opt/it's here/mcp.js"],
  url: 'http://127.0.0.1:3001/mcp',
  tokenFile: '/home/user/.local/state/rampart/token',
} as const;
const TRANSPORTS = ['stdio', 'http'] as const;

describe('the entries', () => {
  it('are there for every client that was promised', () => {
    expect(CLIENTS).toEqual(
      expect.arrayContaining([
        'claude-code',
        'codex',
        'gemini',
        'cursor',
        'vscode',
        'claude-desktop',
        'windsurf',
        'zed',
      ]),
    );
  });

  it.each(CLIENTS)('%s', (client) => {
    const stdio = clientConfig({ ...options, client, transport: 'stdio' });
    expect({ file: stdio.file, text: stdio.text, command: stdio.command }).toMatchSnapshot('stdio');
    expect(stdio.text).toContain("/opt/it's here/mcp.js");
  });

  it.each(CLIENTS.filter((client) => client !== 'claude-desktop'))('%s over HTTP', (client) => {
    const http = clientConfig({ ...options, client, transport: 'http' });
    expect({ file: http.file, text: http.text, command: http.command, notes: http.notes }).toMatchSnapshot('http');
    expect(http.text).toContain(options.url);
    expect(http.notes.join()).toContain(options.tokenFile);
  });

  it.each(CLIENTS.flatMap((client) => TRANSPORTS.map((transport) => [client, transport] as const)))(
    '%s %s is well-formed JSON where it says so',
    (client, transport) => {
      const skipped = client === 'claude-desktop' && transport === 'http';
      const entry = clientConfig({ ...options, client, transport: skipped ? 'stdio' : transport });
      const parsed: unknown = entry.language === 'json' ? JSON.parse(entry.text) : { toml: entry.text };
      expect(JSON.stringify(parsed)).toContain('rampart');
    },
  );

  it('quote the command for a shell', () => {
    const { command } = clientConfig({ ...options, client: 'claude-code', transport: 'stdio' });
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${command?.slice(command.indexOf('-- ') + 3)}`]);
    expect(String(words)).toBe("/usr/bin/node\n/opt/it's here/mcp.js\n");
  });

  it('name what exists when asked for what does not', () => {
    expect(() => clientConfig({ ...options, client: 'emacs', transport: 'stdio' })).toThrow(/unknown client 'emacs'/);
    expect(() => clientConfig({ ...options, client: 'toString', transport: 'stdio' })).toThrow(/unknown client/);
    expect(() => clientConfig({ ...options, client: 'claude-desktop', transport: 'http' })).toThrow(/takes no HTTP/);
  });
});

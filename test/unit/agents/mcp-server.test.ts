import { describe, expect, test } from 'vitest';
import { readCommand } from '../../../src/agents/command.ts';
import { saysMcp, serverName, servesNetwork, wrapperOf } from '../../../src/agents/mcp-server.ts';
import { row } from '../../support/swarm/rows.ts';

const commandOf = (argv: readonly string[], exe?: string) =>
  readCommand(row({ pid: 9, argv, ...(exe === undefined ? {} : { exe }) }).facts);

describe('names', () => {
  test.each([
    [['npm exec @modelcontextprotocol/server-memory@1.2.3 --flag'], '@modelcontextprotocol/server-memory'],
    [['node', '/usr/bin/npx', '-y', '@playwright/mcp@latest'], '@playwright/mcp'],
    [['node', '/usr/lib/node_modules/npm/bin/npx-cli.js', '--yes', '--package=@x/y@1', 'y'], '@x/y'],
    [['pnpm', 'dlx', 'foo-mcp@2'], 'foo-mcp'],
    [['uvx', '--from', 'git+https://x/y', 'mcp-server-git'], 'git+https://x/y'],
    [['uvx', '--python', '3.12', 'mcp-server-git@0.6'], 'mcp-server-git'],
    [['uv', 'tool', 'run', 'mcp-server-time'], 'mcp-server-time'],
    [['node', '/h/.npm/_npx/1a/node_modules/@upstash/context7-mcp/dist/index.js'], '@upstash/context7-mcp'],
    [['node', '/p/node_modules/a/node_modules/b-mcp/cli.js'], 'b-mcp'],
    [['node', '/home/u/weather-mcp/dist/index.js'], 'weather-mcp'],
    [['node', '/home/u/fake-mcp.js'], 'fake-mcp'],
    [['python3', '-m', 'mcp_server_fetch'], 'mcp_server_fetch'],
    [['python3', '/h/.cache/uv/archive/x/bin/mcp-server-git'], 'mcp-server-git'],
    [
      ['docker', 'run', '-i', '--rm', '-e', 'TOKEN', 'ghcr.io/github/github-mcp-server:latest'],
      'github/github-mcp-server',
    ],
    [['/usr/local/bin/github-mcp-server', 'stdio'], 'github-mcp-server'],
    [['sh', '-c', 'FOO=1 exec node /srv/files-mcp/index.js --x'], 'files-mcp'],
    [['bash', '/srv/notes-mcp/start.sh'], 'notes-mcp'],
    [['/bin/bash', '-c', '-l', 'exec /opt/some-mcp'], 'some-mcp'],
    [['node', 'index.js'], 'index.js'],
  ] as const)('%j is %s', (argv, name) => {
    expect(serverName(commandOf(argv))).toBe(name);
  });
});

describe('wrappers', () => {
  test.each([
    [['npm exec foo'], 'package-runner'],
    [['npm', 'run', 'dev'], 'around'],
    [['sh', '-c', 'foo'], 'shell'],
    [['bash', '-lc', 'foo'], 'shell'],
    [['uv', 'run', 'server.py'], 'around'],
    [['bunx', 'foo'], 'package-runner'],
    [['node', '/p/node_modules/tsx/dist/cli.mjs', 'server.ts'], 'around'],
    [['sh'], undefined],
    [['node', 'server.js'], undefined],
    [['docker', 'run', 'x'], undefined],
    [['bash', 'start.sh', '-c', 'x'], 'shell'],
    [['-bash', '-l'], undefined],
  ] as const)('%j: %s', (argv, kind) => {
    expect(wrapperOf(commandOf(argv))?.kind).toBe(kind);
  });
});

describe('what says of itself that it is an MCP server', () => {
  test.each([
    [['node', '/x/foo-mcp/index.js'], true],
    [['npm exec @modelcontextprotocol/inspector'], true],
    [['node', '/home/u/mcp/node_modules/.bin/vite'], false],
    [['node', '/home/u/compcp.js'], false],
    [['vim', 'mcp.json'], false],
    [['python3', 'train.py', '--name', 'mcp'], false],
  ] as const)('%j: %s', (argv, says) => {
    expect(saysMcp(commandOf(argv))).toBe(says);
  });

  test.each([
    [['node', 'x.js', '--port', '3000'], true],
    [['node', 'x.js', '--transport', 'streamable-http'], true],
    [['node', 'x.js', '--transport=sse'], true],
    [['x-mcp', 'http'], true],
    [['x-mcp', 'stdio'], false],
    [['node', 'x.js', '--transport', 'stdio'], false],
  ] as const)('%j serves over a network: %s', (argv, serves) => {
    expect(servesNetwork(commandOf(argv))).toBe(serves);
  });
});

test('hostile command lines cost no time and break nothing', () => {
  const long = 'a/'.repeat(5_000);
  for (const argv of [
    [],
    [''],
    ['node', long],
    ['sh', '-c', `${'x='.repeat(20_000)}`],
    ['npm exec '],
    ['docker', 'run'],
    ['node', '-m'],
    ['\u0000', '../..'],
  ]) {
    const command = commandOf(argv, '/usr/bin/node');
    expect(typeof serverName(command)).toBe('string');
    expect(typeof saysMcp(command)).toBe('boolean');
  }
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { attribute, AttributionMemory } from '../../../src/agents/index.ts';
import { claim, rowsOf, type Described } from '../../support/swarm/rows.ts';

interface Capture {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly anc: readonly {
    readonly pid: number;
    readonly ppid: number;
    readonly pgrp: number;
    readonly sess: number;
    readonly comm: string;
    readonly exe: string;
    readonly cmd: readonly string[];
  }[];
}

function capture(name: string): Capture {
  return JSON.parse(readFileSync(new URL(`captures/${name}.json`, import.meta.url), 'utf8')) as Capture;
}

/** The captured server first, then its ancestors. Only the server's environment was captured. */
function processesOf({ anc, cwd, env }: Capture): Described[] {
  return anc.map((each, i) => ({
    pid: each.pid,
    ppid: each.ppid,
    processGroup: each.pgrp,
    sessionLeader: each.sess,
    comm: each.comm,
    exe: each.exe,
    argv: each.cmd,
    cwd,
    env: i === 0 ? env : {},
  }));
}

const SESSION = 'bbf1be2d-863f-4870-baf6-5b1dda84c18c';

const TABLE = [
  { name: 'claude-mcp-child-direct', client: 'claude-code', roles: ['server', 'agent'], sessionId: SESSION },
  {
    name: 'claude-mcp-child-under-sh',
    client: 'claude-code',
    roles: ['server', 'wrapper', 'agent'],
    sessionId: SESSION,
  },
  { name: 'codex-mcp-child', client: 'codex', roles: ['server', 'agent', 'wrapper'], sessionId: 'codex:16625:16625' },
  {
    name: 'gemini-mcp-child',
    client: 'gemini-cli',
    roles: ['server', 'agent', 'wrapper'],
    sessionId: 'gemini-cli:19116:19116',
  },
] as const;

describe.each(TABLE)('capture $name', ({ name, client, roles, sessionId }) => {
  const described = processesOf(capture(name));
  const keys = described.map(({ pid }) => `${pid}:${pid}` as const);
  const answer = attribute(rowsOf(...described), [], new AttributionMemory());

  test('roles, from the server upwards', () => {
    expect(keys.map((key) => answer.get(key)?.role)).toEqual(roles);
  });

  test('one client, one session, one agent', () => {
    const agent = keys[roles.indexOf('agent' as never)];
    for (const key of keys) expect(answer.get(key)).toMatchObject({ client, sessionId, agent });
  });

  test('the server has a name and a head, and every statement has evidence', () => {
    const server = answer.get(keys[0] ?? '0:0');
    expect(server?.serverName).toBe('fake-mcp');
    expect(server?.serverHead).toBe(roles[1] === 'wrapper' ? keys[1] : keys[0]);
    for (const key of keys) {
      expect(answer.get(key)?.confidence).toBeGreaterThanOrEqual(80);
      expect(answer.get(key)?.evidence.length).toBeGreaterThan(0);
    }
  });
});

describe('the registry file that Claude Code left behind after kill -9', () => {
  const stale = JSON.parse(readFileSync(new URL('captures/claude-session-stale.json', import.meta.url), 'utf8')) as {
    pid: number;
    procStart: string;
    sessionId: string;
  };
  const exe = '/opt/node_modules/@anthropic-ai/claude-code-linux-x64/claude';
  const left = claim({ pid: stale.pid, startTime: Number(stale.procStart), sessionId: stale.sessionId, role: 'agent' });

  test('names the session while its process lives', () => {
    const rows = rowsOf({ pid: 2199, startTime: 115_445, argv: [exe], exe });
    const found = attribute(rows, [left], new AttributionMemory()).get('2199:115445');
    expect(found).toMatchObject({ role: 'agent', sessionId: stale.sessionId, confidence: 98 });
  });

  test('says nothing about a later process with the same pid', () => {
    const rows = rowsOf({ pid: 2199, startTime: 900_000, argv: [exe], exe });
    const found = attribute(rows, [left], new AttributionMemory()).get('2199:900000');
    expect(found).toMatchObject({ role: 'agent', sessionId: 'claude-code:2199:900000' });
  });
});

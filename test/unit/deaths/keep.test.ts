import { describe, expect, test } from 'vitest';
import { deathSummary, keep, mayMatter, resumeOf } from '../../../src/deaths/index.ts';
import type { Killer, Role } from '../../../src/model/index.ts';
import { deathOf, exited, MIB, signalled } from '../../support/deaths/signs.ts';

const candidate = (role: Role, over: object = {}) => ({
  role,
  peakRssBytes: 50 * MIB,
  ageMs: 10_000,
  leak: null,
  agentLives: true,
  ...over,
});
const judged = (killer: Killer, confidence = 95) => ({ killer, confidence, alternatives: [], evidence: [] });

describe('which deaths are remembered', () => {
  test('agents always; servers whose agent lives on, or that did not leave in order', () => {
    expect(keep(candidate('agent'), judged('exit'), exited(0), false)).toMatchObject({
      ordinary: true,
      reason: expect.stringContaining('agent'),
    });
    expect(keep(candidate('server'), judged('exit'), exited(0), false).reason).not.toBeNull();
    expect(
      keep(candidate('server', { agentLives: false }), judged('signal'), signalled('SIGTERM'), true).reason,
    ).toBeNull();
    expect(
      keep(candidate('server', { agentLives: false }), judged('crash'), signalled('SIGSEGV'), true).reason,
    ).not.toBeNull();
  });

  test('a tool when it was ended because of memory, leaked, or was large and did not leave by itself', () => {
    expect(keep(candidate('tool'), judged('kernel-oom'), signalled('SIGKILL'), false).reason).toMatch(/memory/);
    expect(keep(candidate('tool'), judged('signal'), signalled('SIGTERM'), false).reason).toBeNull();
    expect(keep(candidate('tool', { leak: 'leaking' }), judged('exit'), exited(0), false).reason).toMatch(/leak/);
    const large = { peakRssBytes: 2000 * MIB };
    expect(keep(candidate('tool', large), judged('signal'), signalled('SIGKILL'), false).reason).toMatch(/large/);
    expect(keep(candidate('tool', large), judged('crash'), exited(1), false).reason).toBeNull();
    expect(keep(candidate('other', large), judged('exit'), exited(0), false).reason).toBeNull();
  });

  test('an ordinary tool is not even looked at', () => {
    expect(mayMatter(candidate('tool'), exited(0))).toBe(false);
    expect(mayMatter(candidate('tool'), null)).toBe(false);
    expect(mayMatter(candidate('tool', { ageMs: 120_000 }), null)).toBe(true);
    expect(mayMatter(candidate('tool'), signalled('SIGTERM'))).toBe(true);
    expect(mayMatter(candidate('tool'), exited(143))).toBe(true);
    expect(mayMatter(candidate('other'), signalled('SIGKILL'))).toBe(false);
  });
});

describe('how a session is taken up again', () => {
  const trace = (over: object = {}) => ({
    client: 'claude-code',
    sessionId: '11111111-2222-4333-8444-555555555555',
    cwd: '/home/u/my project',
    file: { path: '~/x.jsonl', bytes: 3 * MIB },
    searched: true,
    ...over,
  });

  test('with the directory, quoted, and a word about the size', () => {
    expect(resumeOf(trace())).toEqual({
      command: "cd '/home/u/my project' && claude --resume 11111111-2222-4333-8444-555555555555",
      reason: "The session's file is there (3.0 MiB).",
    });
    expect(resumeOf(trace({ cwd: "/a'; rm -rf ~; '" })).command).toBe(
      `cd '/a'\\''; rm -rf ~; '\\''' && claude --resume 11111111-2222-4333-8444-555555555555`,
    );
    expect(resumeOf(trace({ file: { path: 'x', bytes: 37.8 * 1024 * MIB } })).reason).toMatch(
      /^Mind: .*37\.8 GiB.*fail/,
    );
    expect(resumeOf(trace({ client: 'codex', cwd: '/p' })).command).toMatch(/^cd \/p && codex resume 1111/);
    expect(resumeOf(trace({ client: 'gemini-cli', cwd: '/p' })).command).toMatch(/gemini --resume/);
  });

  test('null, with the reason, for what was not found or cannot be pasted', () => {
    expect(resumeOf(trace({ file: null }))).toMatchObject({
      command: null,
      reason: expect.stringContaining('not found'),
    });
    expect(resumeOf(trace({ sessionId: 'a; rm -rf /' })).command).toBeNull();
    expect(resumeOf(trace({ sessionId: null })).command).toBeNull();
    expect(resumeOf(trace({ cwd: '/a\nrm -rf /' })).command).toBeNull();
    expect(resumeOf(trace({ cwd: '/a\u202eb' })).command).toBeNull();
    expect(resumeOf(trace({ cwd: '/プロジェクト' })).command).toContain("'/プロジェクト'");
    expect(resumeOf(trace({ client: 'opencode', file: null, searched: false })).command).toBeNull();
  });
});

test('the summary is one sentence of our own words', () => {
  const death = deathOf({
    name: '</x> evil',
    alternatives: [{ killer: 'signal', confidence: 9 }],
    killer: 'v8-heap-limit',
    confidence: 91,
    signal: 'SIGABRT',
  });
  expect(deathSummary(death)).toBe(
    'An MCP server (pid 42) was ended by V8, whose heap reached its limit (SIGABRT; 91 % sure). Else a signal from somebody else (9 %).',
  );
});

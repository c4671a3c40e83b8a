import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import {
  createMemoryIntegration,
  type MemoryIntegration,
  MemoryIntegrationSchema,
} from '../../../src/integrations/index.ts';
import type { StatusReport } from '../../../src/model/index.ts';
import { put, tree } from '../../support/integrations/files.ts';
import { processReport, sessionReport, statusReport } from '../../support/integrations/report.ts';

const FILE = '.claude-flow/metrics/memory-integration.json';
const MIB = 1024 * 1024;

function writerOf(project: string, replace?: (path: string, text: string) => Promise<void>) {
  let ms = 0;
  const clock = { nowMs: () => 1_795_000_000_000 + ms, monotonicMs: () => ms };
  const options = { project, version: '0.1.0', clock, pid: 77 };
  const file = createMemoryIntegration(replace === undefined ? options : { ...options, replace });
  return { file, pass: (by: number) => void (ms += by) };
}

const contentOf = (project: string) => JSON.parse(readFileSync(join(project, FILE), 'utf8')) as MemoryIntegration;
const withClaudeFlow = () => tree({ '.claude-flow/config.yaml': 'x' });

const schema = JSON.parse(readFileSync('docs/schemas/memory-integration.schema.json', 'utf8')) as object;
const validate = new Ajv2020().compile(schema);

describe('content', () => {
  async function published(report: StatusReport, project = withClaudeFlow()): Promise<MemoryIntegration> {
    const { file } = writerOf(project);
    expect(await file.publish(report)).toEqual({ outcome: 'written' });
    const content = contentOf(project);
    expect(MemoryIntegrationSchema.parse(content)).toEqual(content);
    validate(content);
    expect(validate.errors).toBeNull();
    return content;
  }

  it('tells who wrote it, how the host is, and what sessions use', async () => {
    expect(await published(statusReport())).toMatchObject({
      schemaVersion: 1,
      writer: { name: 'rampart', version: '0.1.0', pid: 77 },
      state: 'watching',
      severity: 'ok',
      host: { memoryAvailableBytes: 8 * 1024 * MIB, pressureSomePercent: null, limit: { kind: 'host-memory' } },
      sessions: [{ sessionId: 's-1', totalBytes: 160 * MIB, processes: 1 }],
      totals: { sessions: 1, orphans: 0, sessionBytes: 160 * MIB, orphanBytes: 0 },
      room: [{ client: 'claude-code', more: 35 }],
    });
  });

  it('names the agents of this project, and of others only the size', async () => {
    const project = withClaudeFlow();
    const sub = processReport({ pid: 101, agentId: 'coder', role: 'tool', pssBytes: 500 * MIB });
    const here = sessionReport({
      cwd: join(project, 'src'),
      processes: [processReport(), sub, processReport({ pid: 102, role: 'server' })],
    });
    const elsewhere = sessionReport({
      sessionId: 's-2',
      cwd: `${project}-other`,
      name: 'secret project',
      totalBytes: 999 * MIB,
    });
    const content = await published(statusReport({ sessions: [here, elsewhere] }), project);
    expect(content.sessions.map(({ sessionId, inProject, name }) => [sessionId, inProject, name])).toEqual([
      ['s-2', false, null],
      ['s-1', true, 'my project'],
    ]);
    expect(content.agents.map(({ pid, agentId }) => [pid, agentId])).toEqual([
      [101, 'coder'],
      [100, null],
    ]);
    expect(JSON.stringify(content)).not.toMatch(/secret|\/work|src/);
  });

  it('lists orphans wherever they are, and a sum only when each part is known', async () => {
    const orphan = (pid: number, pssBytes: number | null) =>
      processReport({ pid, verdict: 'orphan', serverName: 'npm:server', pssBytes, role: 'server' });
    const unattributed = [orphan(1, 10), orphan(2, 20 * MIB), processReport({ pid: 3 })];
    const content = await published(statusReport({ unattributed }));
    expect(content.orphans.map(({ pid, name }) => [pid, name])).toEqual([
      [2, 'npm:server'],
      [1, 'npm:server'],
    ]);
    expect(content.totals.orphanBytes).toBe(40 * MIB + 10);
    const unread = await published(statusReport({ unattributed: [...unattributed, orphan(4, null)] }));
    expect(unread.totals).toMatchObject({ orphans: 3, orphanBytes: null });
  });

  it('is capped, and says of how many', async () => {
    const sessions = Array.from({ length: 150 }, (_, index) => sessionReport({ sessionId: `s-${index}` }));
    const content = await published(statusReport({ sessions, summary: 'x'.repeat(2000) }));
    expect([content.sessions.length, content.totals.sessions, content.summary.length]).toEqual([100, 150, 500]);
  });

  it('has no control character of anybody', async () => {
    const session = sessionReport({ sessionId: 'a\u001b[2J\n', client: 'b\u0000' });
    expect(JSON.stringify(await published(statusReport({ sessions: [session], summary: 'c\u202e' })))).not.toMatch(
      /\\u00|\\n|\u202e/,
    );
  });
});

it("the README's example follows the schema", () => {
  const example: unknown = JSON.parse(
    /```json\n(.*?)```/s.exec(readFileSync('.claude-flow/metrics/README.md', 'utf8'))?.[1] ?? '',
  );
  expect(MemoryIntegrationSchema.parse(example)).toEqual(example);
});

describe('writing', () => {
  it('happens on change, and not more often than every five seconds', async () => {
    const project = withClaudeFlow();
    const { file, pass } = writerOf(project);
    const other = statusReport({ severity: 'warning' });
    expect(await file.publish(statusReport())).toEqual({ outcome: 'written' });
    expect(file.isDue()).toBe(false);
    pass(4999);
    expect(await file.publish(other)).toEqual({ outcome: 'too-soon' });
    pass(1);
    expect(file.isDue()).toBe(true);
    expect(await file.publish(other)).toEqual({ outcome: 'written' });
    expect(contentOf(project).severity).toBe('warning');
  });

  it('is left out when nothing but pages and the time changed, for half a minute', async () => {
    const { file, pass } = writerOf(withClaudeFlow());
    await file.publish(statusReport());
    const same = statusReport({ atMs: 1_795_000_009_000, sessions: [sessionReport({ rssBytes: 200 * MIB + 4096 })] });
    for (let at = 5; at < 30; at += 5) {
      pass(5000);
      expect(await file.publish(same)).toEqual({ outcome: 'unchanged' });
    }
    pass(5000);
    expect(await file.publish(same)).toEqual({ outcome: 'written' });
  });

  it('is not wanted without Claude-Flow, nor through a link', async () => {
    const project = tree();
    const { file } = writerOf(project);
    expect(file.isDue()).toBe(false);
    expect(await file.publish(statusReport())).toEqual({ outcome: 'not-wanted' });
    expect(readdirSync(project)).toEqual([]);
    symlinkSync(tree({ x: '' }), join(project, '.claude-flow'));
    expect(await file.publish(statusReport())).toEqual({ outcome: 'not-wanted' });
  });

  it('refuses a metrics directory that leads out, and does not follow a link in place of the file', async () => {
    const outside = tree({ 'victim.json': 'keep' });
    const project = withClaudeFlow();
    symlinkSync(outside, join(project, '.claude-flow/metrics'));
    expect(await writerOf(project).file.publish(statusReport())).toEqual({
      outcome: 'failed',
      reason: expect.stringMatching(/leads out/),
    });
    expect(readdirSync(outside)).toEqual(['victim.json']);
    rmSync(join(project, '.claude-flow/metrics'));
    mkdirSync(join(project, '.claude-flow/metrics'));
    symlinkSync(join(outside, 'victim.json'), join(project, FILE));
    expect(await writerOf(project).file.publish(statusReport())).toEqual({ outcome: 'written' });
    expect(readFileSync(join(outside, 'victim.json'), 'utf8')).toBe('keep');
    expect(lstatSync(join(project, FILE)).isSymbolicLink()).toBe(false);
  });

  it("touches no file of Claude-Flow's", async () => {
    const project = tree();
    execFileSync('cp', ['-r', 'test/fixtures/claude-flow/3.5.80/.claude-flow', project]);
    const picture = (): string =>
      execFileSync('find', ['.', '-type', 'f', '!', '-name', 'memory-integration.json', '-printf', '%p %s %T@ %i\n'], {
        cwd: project,
        encoding: 'utf8',
      });
    const before = picture();
    const { file, pass } = writerOf(project);
    for (const severity of ['ok', 'warning', 'critical'] as const) {
      await file.publish(statusReport({ severity }));
      pass(5000);
    }
    await file.close();
    expect(picture()).toBe(before);
    expect(contentOf(project)).toMatchObject({ state: 'stopped', severity: 'critical' });
    expect(lstatSync(join(project, FILE)).mode & 0o777).toBe(0o600);
  });

  it('removes what a killed writer left, not what a live one is writing', async () => {
    const project = tree({
      '.claude-flow/metrics/.memory-integration.json.1.aa.tmp': 'old',
      '.claude-flow/metrics/.memory-integration.json.2.bb.tmp': 'new',
      '.claude-flow/metrics/.other.tmp': 'x',
    });
    const metrics = join(project, '.claude-flow/metrics');
    for (const [name, at] of [
      ['.memory-integration.json.1.aa.tmp', 1_794_999_000],
      ['.memory-integration.json.2.bb.tmp', 1_794_999_990],
    ] as const) {
      utimesSync(join(metrics, name), at, at);
    }
    await writerOf(project).file.publish(statusReport());
    expect(readdirSync(metrics).toSorted()).toEqual([
      '.memory-integration.json.2.bb.tmp',
      '.other.tmp',
      'memory-integration.json',
    ]);
  });

  it.each([
    ['ENOSPC', /disk is full/],
    ['EDQUOT', /quota/],
    ['EROFS', /read-only/],
    ['EACCES', /may not write/],
    ['EIO', /EIO/],
  ])('survives %s and tries again', async (code, reason) => {
    const project = withClaudeFlow();
    let broken = true;
    const { file, pass } = writerOf(project, async (path, text) => {
      if (broken) throw Object.assign(new Error(code), { code });
      put(project, path.slice(project.length + 1), text);
    });
    expect(await file.publish(statusReport())).toEqual({ outcome: 'failed', reason: expect.stringMatching(reason) });
    expect(file.isDue()).toBe(false);
    broken = false;
    pass(5000);
    expect(await file.publish(statusReport())).toEqual({ outcome: 'written' });
  });

  it('does not mark as stopped what a newer service wrote, or nothing', async () => {
    const project = withClaudeFlow();
    const { file } = writerOf(project);
    await file.close();
    expect(readdirSync(join(project, '.claude-flow'))).toEqual(['config.yaml']);
    await file.publish(statusReport());
    put(project, FILE, { ...contentOf(project), writer: { name: 'rampart', version: '0.2.0', pid: 88 } });
    await file.close();
    expect(contentOf(project)).toMatchObject({ state: 'watching', writer: { pid: 88 } });
  });
});

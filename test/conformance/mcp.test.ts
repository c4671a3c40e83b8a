import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHttpFace } from '../../src/faces/http/index.ts';
import { createMcpRoute } from '../../src/faces/mcp/index.ts';
import { fakeRampart } from '../support/mcp/fake-rampart.ts';
import { startTokenProxy } from '../support/mcp/token-proxy.ts';
import { requestState } from './fixture-rounds.ts';
import { addFixture } from './fixture.ts';

/**
 * The official conformance scenarios against our factory, our HTTP stack and our guard (only the token is added on the
 * way, since the runner can send none). The counts are those of the scenarios that each revision requires.
 */
const RUNNER = ['-y', '-p', 'node@22', '-p', '@modelcontextprotocol/conformance@0.2.0-alpha.12'];

const token = randomBytes(32).toString('base64url');
const rampart = fakeRampart();
const face = createHttpFace({
  port: 0,
  token,
  routes: [createMcpRoute({ rampart: async () => rampart, requestState, extend: addFixture })],
});
let proxy: Awaited<ReturnType<typeof startTokenProxy>>;
const workDir = mkdtempSync(join(tmpdir(), 'rampart-conformance-'));

beforeAll(async () => {
  proxy = await startTokenProxy((await face.start()).port, token);
});

afterAll(async () => {
  await proxy.stop();
  await face.stop();
  rmSync(workDir, { recursive: true, force: true });
});

it.each([
  ['2025-11-25', 30],
  ['2026-07-28', 37],
])('meets all that revision %s requires (%i scenarios)', async (revision, required) => {
  const output = await runScenarios(revision);
  const { passed, total } = requiredScenarios(output);
  if (passed !== required || total !== required) console.error(output);
  expect({ passed, total }).toEqual({ passed: required, total: required });
});

/** Everything the runner printed, without colours. */
function runScenarios(revision: string): Promise<string> {
  const command = `conformance server --url http://127.0.0.1:${proxy.port}/mcp --requirements ${revision}`;
  const child = spawn('npx', [...RUNNER, '-c', command], { cwd: workDir, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.on('error', reject);
    // eslint-disable-next-line no-control-regex
    child.on('close', () => resolve(output.replaceAll(/\u001b\[[0-9;]*m/g, '')));
  });
}

/**
 * Counts from the runner's summary, without what it lists as not scored. A scenario that checked nothing did not pass, and
 * a summary that is missing counts as none.
 */
function requiredScenarios(output: string): { passed: number; total: number } {
  const [summary = '', unscored = ''] = (output.split('=== SUMMARY ===')[1] ?? '').split(/^Not scored for /m);
  const optional = new Set([...unscored.matchAll(/^\s+\S ([\w-]+) \(/gm)].map((match) => match[1]));
  const required = [...summary.matchAll(/^\S ([\w-]+): (\d+) passed, (\d+) failed/gm)].filter(
    ([, name]) => !optional.has(name),
  );
  const passed = required.filter(([, , good, bad]) => Number(good) > 0 && Number(bad) === 0);
  return { passed: passed.length, total: required.length };
}

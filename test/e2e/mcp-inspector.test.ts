import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import catalog from '../../tools/catalog.json' with { type: 'json' };
import { RELAY, openPlaces } from '../support/mcp/relay.ts';
import type { Places } from '../support/mcp/relay.ts';

/** The protocol's own debugging client, as people run it. It needs Node 22.19, which npx brings. */
const INSPECTOR = ['-y', '-p', 'node@22', '-p', '@modelcontextprotocol/inspector@2.12.0'];

let places: Places;
beforeEach(() => {
  places = openPlaces();
});
afterEach(() => places.clean());

function inspect(...args: string[]): Promise<{ code: number | null; json: unknown; stderr: string }> {
  // The inspector hands its servers no environment but what it is told to.
  const env = Object.entries(places.env).filter(([name]) => name.startsWith('RAMPART_'));
  const flags = env.map(([name, value]) => `-e ${name}=${value}`);
  const command = ['mcp-inspector', '--cli', process.execPath, RELAY, ...flags, '--format', 'json', ...args].join(' ');
  const child = spawn('npx', [...INSPECTOR, '-c', command], { cwd: places.dir, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        resolve({ code, json: JSON.parse(stdout), stderr });
      } catch {
        reject(new Error(`no JSON from the inspector: ${stdout.slice(0, 500)} ${stderr.slice(-500)}`));
      }
    });
  });
}

it('lists the tools, and finds no schema that another client could not read', async () => {
  const { code, json, stderr } = await inspect('--method', 'tools/list', '--strict');
  expect(json).toMatchObject({ result: { tools: catalog.map(({ name }) => ({ name })) } });
  expect(stderr).not.toMatch(/^(Warning|Error): tool/m);
  expect(code).toBe(0);
});

it('calls a tool', async () => {
  const { code, json } = await inspect(
    '--method',
    'tools/call',
    '--tool-name',
    'memory_status',
    '--tool-arg',
    'target=host',
  );
  expect(json).toMatchObject({
    result: { structuredContent: { data: { kind: 'host', host: { origin: 'service' } } } },
  });
  expect(code).toBe(0);
});

it('reads the resource', async () => {
  const { json } = await inspect('--method', 'resources/read', '--uri', 'memory://status');
  expect(json).toMatchObject({ result: { contents: [{ uri: 'memory://status', mimeType: 'application/json' }] } });
});

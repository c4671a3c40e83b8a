import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openToken } from '../../../src/faces/http/index.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-token-'));
  path = join(dir, 'state', 'token');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('makes 256 bits on first use, for the owner only, and keeps them', () => {
  const token = openToken(path);
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(dir, 'state')).mode & 0o777).toBe(0o700);
  expect(openToken(path)).toBe(token);
  expect(readFileSync(path, 'utf8')).toBe(`${token}\n`);
  expect(readdirSync(join(dir, 'state'))).toEqual(['token']);
});

it('makes another one each time there is none', () => {
  const first = openToken(path);
  rmSync(path);
  expect(openToken(path)).not.toBe(first);
});

it('refuses a file that others can read', () => {
  openToken(path);
  chmodSync(path, 0o640);
  expect(() => openToken(path)).toThrow(expect.objectContaining({ code: 'not-permitted' }));
});

it('refuses a link, and does not write through it', () => {
  openToken(path);
  rmSync(path);
  writeFileSync(join(dir, 'elsewhere'), `${'c'.repeat(43)}\n`, { mode: 0o600 });
  symlinkSync(join(dir, 'elsewhere'), path);
  expect(() => openToken(path)).toThrow(expect.objectContaining({ code: 'not-permitted' }));
  expect(readFileSync(join(dir, 'elsewhere'), 'utf8')).toBe(`${'c'.repeat(43)}\n`);
});

it.each(['', 'short\n', `${'d'.repeat(43)}\nmore\n`])('refuses a torn file: %j', (content) => {
  openToken(path);
  writeFileSync(path, content);
  expect(() => openToken(path)).toThrow(expect.objectContaining({ code: 'corrupt' }));
});

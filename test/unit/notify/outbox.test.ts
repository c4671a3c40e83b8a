import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutbox, type Outbox } from '../../../src/notify/outbox.ts';
import { type LineFile, openLineFile } from '../../../src/notify/outbox-file.ts';
import { notificationOf } from '../../support/alerts.ts';

let dir: string;
let path: string;
const problems: unknown[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-outbox-'));
  path = join(dir, 'notify', 'outbox.jsonl');
  problems.length = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (file: LineFile = openLineFile(path)): Outbox => createOutbox(file, (error) => void problems.push(error));
const waiting = (outbox: Outbox, channel = 'webhook'): string[] =>
  outbox.pending(channel).map(({ notification }) => notification.id);
const accept = (outbox: Outbox, id: string, channels = ['webhook']): void =>
  outbox.accept(notificationOf({ id }), channels, 1_000);

describe('the outbox', () => {
  it('holds what was accepted, for each channel by itself, until it is done', () => {
    const outbox = open();
    accept(outbox, 'a', ['webhook', 'email']);
    accept(outbox, 'b');
    outbox.done('a', 'webhook', 'sent');
    outbox.failed('b', 'webhook', 3, 9_000);
    // No close: as kill -9 leaves it.
    const again = open();
    expect(waiting(again)).toEqual(['b']);
    expect(waiting(again, 'email')).toEqual(['a']);
    expect(again.pending('webhook')[0]).toMatchObject({ attempts: 3, dueAtMs: 9_000, acceptedAtMs: 1_000 });
    expect(again.confirmed('webhook')).toEqual(['a']);
    expect(again.confirmed('email')).toEqual([]);
  });

  it('is for its owner alone', () => {
    accept(open(), 'a');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'notify')).mode & 0o777).toBe(0o700);
  });

  it('keeps dead letters, and gives them back', () => {
    const outbox = open();
    accept(outbox, 'a');
    outbox.died('a', 'webhook', 5_000, 7, 'HTTP 500');
    const again = open();
    expect(waiting(again)).toEqual([]);
    expect(again.dead()).toMatchObject([{ id: 'a', attempts: 7, reason: 'HTTP 500', diedAtMs: 5_000, atMs: 3_000 }]);
    expect(again.revive(['email'], 6_000)).toEqual([]);
    expect(again.revive(['webhook'], 6_000)).toHaveLength(1);
    expect(open().pending('webhook')).toMatchObject([{ attempts: 0, acceptedAtMs: 6_000 }]);
  });

  it('gives up what waits for a channel that is gone, once it is old', () => {
    const outbox = open();
    accept(outbox, 'a', ['webhook', 'email']);
    outbox.abandon(['webhook'], 900, 2_000);
    expect(waiting(outbox, 'email')).toEqual(['a']);
    outbox.abandon(['webhook'], 1_500, 2_000);
    expect(waiting(outbox, 'email')).toEqual([]);
    expect(waiting(outbox)).toEqual(['a']);
    expect(open().dead()).toMatchObject([{ id: 'a', channel: 'email', reason: 'no longer configured' }]);
  });

  it('loses at most the line that was torn', () => {
    const outbox = open();
    accept(outbox, 'a');
    accept(outbox, 'b');
    const whole = readFileSync(path, 'utf8');
    for (let cut = 1; cut < whole.length; cut += 97) {
      writeFileSync(path, whole.slice(0, cut));
      const torn = open();
      const held = waiting(torn);
      accept(torn, 'c');
      expect(waiting(open())).toEqual([...held, 'c']);
    }
  });

  it.each([
    'null',
    '[]',
    '{"op":"new"}',
    '{"op":"new","atMs":1,"channels":["webhook"],"notification":{"id":7}}',
    '{"op":"x"}',
  ])('passes over the line %s', (line) => {
    accept(open(), 'a');
    appendFileSync(path, `${line}\n`);
    expect(waiting(open())).toEqual(['a']);
  });

  it('stays small: what is done is forgotten, what is alive is kept', () => {
    const outbox = open();
    accept(outbox, 'first');
    outbox.failed('first', 'webhook', 2, 8_000);
    accept(outbox, 'dead');
    outbox.died('dead', 'webhook', 5_000, 1, 'no');
    outbox.disable('webhook', 'hash');
    for (let index = 0; index < 5_000; index += 1) {
      accept(outbox, `n${index}`);
      outbox.done(`n${index}`, 'webhook', 'sent');
    }
    expect(statSync(path).size).toBeLessThan(1024 * 1024);
    const again = open();
    expect(again.pending('webhook')).toMatchObject([{ attempts: 2, dueAtMs: 8_000, notification: { id: 'first' } }]);
    expect(again.dead()).toMatchObject([{ id: 'dead', reason: 'no' }]);
    expect(again.disabledTarget('webhook')).toBe('hash');
    expect(again.confirmed('webhook')).toHaveLength(2_000);
    expect(again.confirmed('webhook')).toContain('n4999');
  });

  it('goes on with a full disk, says so, and catches up', () => {
    const real = openLineFile(path);
    let full = false;
    const file: LineFile = {
      ...real,
      append(lines) {
        if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        real.append(lines);
      },
    };
    const outbox = open(file);
    accept(outbox, 'a');
    full = true;
    accept(outbox, 'b');
    outbox.done('a', 'webhook', 'sent');
    expect(outbox.error()).toContain('ENOSPC');
    expect(waiting(outbox)).toEqual(['b']);
    expect(waiting(open())).toEqual(['a']);
    full = false;
    outbox.flush();
    expect(outbox.error()).toBeNull();
    expect(waiting(open())).toEqual(['b']);
  });

  it('works without its file, and never follows a link', () => {
    accept(open(), 'a');
    rmSync(path);
    const precious = join(dir, 'precious');
    writeFileSync(precious, 'mine');
    symlinkSync(precious, path);
    const outbox = open();
    accept(outbox, 'b');
    expect(outbox.error()).toMatch(/ELOOP|link/);
    expect(waiting(outbox)).toEqual(['b']);
    expect(readFileSync(precious, 'utf8')).toBe('mine');
  });
});

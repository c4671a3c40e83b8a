import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAudit } from '../../../src/actions/running/audit.ts';
import type { AuditEntry } from '../../../src/model/index.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-audit-'));
  path = join(dir, 'audit', 'actions.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
  atMs: 1,
  id: 'a',
  event: 'step',
  action: 'reap',
  origin: 'user',
  process: '10:100',
  detail: 'something',
  ...over,
});

describe('the audit log', () => {
  test("is its owner's alone, and takes one line an entry", () => {
    const audit = createAudit({ path });
    audit.write(entry());
    audit.write(entry({ detail: 'two\nlines \u001b[31m --password=hunter2' }));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'audit')).mode & 0o777).toBe(0o700);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(2);
    for (const bad of ['hunter2', '\u001b']) expect(readFileSync(path, 'utf8')).not.toContain(bad);
  });

  test('a torn line costs that line and no other', () => {
    const audit = createAudit({ path });
    audit.write(entry({ id: 'first' }));
    appendFileSync(path, '{"atMs":2,"id":"torn","ev');
    const later = createAudit({ path });
    later.write(entry({ id: 'last' }));
    const { records, torn } = later.read();
    expect(records.map(({ id }) => id)).toEqual(['first', 'last']);
    expect(torn).toBe(1);
    appendFileSync(path, '[]\n{"atMs":1}\nnull\n');
    expect(later.query({}, 5)).toMatchObject({ torn: 4, entries: [{ id: 'last' }, { id: 'first' }] });
  });

  test('a write that the disk cuts off is an error, and the next line is whole again', () => {
    let cut = true;
    const audit = createAudit({
      path,
      write: (_, bytes) => {
        const part = cut ? bytes.subarray(0, 20) : bytes;
        appendFileSync(path, part);
        return part.length;
      },
    });
    expect(() => audit.write(entry())).toThrow(/audit log cannot be written/);
    cut = false;
    audit.write(entry({ id: 'after' }));
    expect(audit.read()).toMatchObject({ records: [{ id: 'after' }], torn: 1 });
  });

  test('four files and no more, read as one', () => {
    const audit = createAudit({ path, maxFileBytes: 1_000 });
    for (let n = 0; n < 200; n += 1) audit.write(entry({ id: `n${n}` }));
    for (const suffix of ['', '.1', '.2', '.3']) expect(statSync(`${path}${suffix}`).size).toBeLessThan(1_200);
    expect(statSync(`${path}.4`, { throwIfNoEntry: false })).toBeUndefined();
    const ids = audit.read().records.map(({ id }) => id);
    expect(ids.at(-1)).toBe('n199');
    expect(ids).toEqual(ids.map((_, i) => `n${200 - ids.length + i}`));
  });

  test('answers by action, process and time, newest first, and says how many more', () => {
    const audit = createAudit({ path });
    for (let n = 0; n < 5; n += 1) {
      audit.write(entry({ atMs: n, id: `n${n}`, process: n % 2 === 0 ? '10:100' : '10:200' }));
    }
    audit.write(entry({ atMs: 9, id: 'other', action: 'suspend', process: '11:110' }));
    const ids = (query: Parameters<typeof audit.query>[0]) => audit.query(query, 0).entries.map(({ id }) => id);
    expect(ids({ action: 'suspend' })).toEqual(['other']);
    expect(ids({ process: '10:200' })).toEqual(['n3', 'n1']);
    expect(ids({ process: '10', fromMs: 3 })).toEqual(['n4', 'n3']);
    expect(audit.query({ limit: 2 }, 0)).toMatchObject({ more: 4, entries: [{ id: 'other' }, { id: 'n4' }] });
    expect(() => audit.query({ limit: 0 }, 0)).toThrow(/limit is 0/);
  });

  test('does not follow a link that somebody put in its place', () => {
    createAudit({ path }).write(entry());
    const victim = join(dir, 'victim');
    writeFileSync(victim, 'mine');
    rmSync(path);
    symlinkSync(victim, path);
    expect(() => createAudit({ path }).write(entry())).toThrow(/ELOOP/);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
  });
});

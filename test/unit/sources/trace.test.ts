import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DetectorSample } from '../../../src/model/index.ts';
import { createTraceWriter, readTrace, type TraceNotes } from '../../../src/sources/trace/index.ts';

async function* bytes(text: string | Uint8Array, size = 7): AsyncIterable<Uint8Array> {
  const all = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

async function read(
  text: string | Uint8Array,
  size?: number,
): Promise<{ samples: DetectorSample[]; notes: TraceNotes }> {
  const samples: DetectorSample[] = [];
  const notes = await readTrace(bytes(text, size), 'f.csv', (part) => samples.push(...part));
  return { samples, notes };
}

describe('a recording as CSV', () => {
  it('is read by the names of its columns, in any order, whatever the chunks', async () => {
    const text = 't_ms,host,swap_bytes,rss_bytes\n1000,a,5,100\n2000,b,,200\n';
    for (const size of [1, 3, 8, 1000]) {
      const { samples, notes } = await read(text, size);
      expect(samples).toEqual([
        { tMs: 1000, swapBytes: 5, rssBytes: 100 },
        { tMs: 2000, swapBytes: Number.NaN, rssBytes: 200 },
      ]);
      expect(notes).toEqual({ ignored: ['host'], malformed: 0, firstMalformedLine: null, torn: false });
    }
  });

  it('may have a byte order mark, CRLF, quotes, semicolons and empty lines', async () => {
    const { samples, notes } = await read('\ufeff"tMs";"RSS_BYTES"\r\n\r\n1;"2"\r\n3; 4\r\n');
    expect(samples).toEqual([
      { tMs: 1, rssBytes: 2 },
      { tMs: 3, rssBytes: 4 },
    ]);
    expect(notes.malformed).toBe(0);
  });

  it('keeps what is not a number as NaN and hands negative figures on: the detectors count them', async () => {
    const { samples } = await read('t_ms,rss_bytes\n1,NaN\n2,\n3,-5\n4,inf\n5,null\n');
    expect(samples.map(({ rssBytes }) => rssBytes)).toEqual([NaN, NaN, -5, NaN, NaN]);
  });

  it('leaves out lines that are no rows and says which was the first', async () => {
    const { samples, notes } = await read('t_ms,rss_bytes\n1,10\nkilled\n2,x\n1,2,3\n2,20\n');
    expect(samples.map(({ tMs }) => tMs)).toEqual([1, 2]);
    expect(notes).toMatchObject({ malformed: 3, firstMalformedLine: 3, torn: false });
  });

  it('says that the last line was cut off', async () => {
    const { samples, notes } = await read('t_ms,cpu_ratio,rss_bytes\n1,0,10\n2,0');
    expect(samples).toHaveLength(1);
    expect(notes).toMatchObject({ torn: true, malformed: 0 });
  });

  it('drops a huge line without keeping it', async () => {
    const { samples, notes } = await read(`t_ms,rss_bytes\n1,10\n${'9'.repeat(1_000_000)}\n2,20\n`, 65_536);
    expect(samples.map(({ tMs }) => tMs)).toEqual([1, 2]);
    expect(notes).toMatchObject({ malformed: 1, firstMalformedLine: 3 });
  });
});

describe('a recording as JSON lines', () => {
  it('takes the names of columns or of fields', async () => {
    const { samples, notes } = await read(
      '{"t_ms":1,"rss_bytes":10,"x":1}\n{"tMs":2,"rssBytes":20,"heapUsedBytes":null}\n{"tMs":3,"rss',
    );
    expect(samples).toEqual([
      { tMs: 1, rssBytes: 10 },
      { tMs: 2, rssBytes: 20, heapUsedBytes: Number.NaN },
    ]);
    expect(notes).toMatchObject({ torn: true, malformed: 0 });
  });
});

describe('what is no recording', () => {
  it.each([
    ['a,b\n1,2\n', 'f.csv:1: no column t_ms, rss_bytes'],
    ['\n\n1767225600000,1234\n', 'f.csv:3: the first line holds figures'],
    ['t_ms,rss_bytes\nfoo\nbar\n', 'f.csv:2: no row of figures'],
    ['\u0000\u0001\u0002', 'f.csv:1: not a text file'],
    ['x'.repeat(200_000), 'f.csv:1: not a text file'],
    ['[{"t_ms":1}]', 'f.csv:1: no column'],
    ['{"a":1}\n{"a":2}\n', 'f.csv:1: no row of figures'],
  ])('%j is a clear error', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining(message) });
  });

  it.each(['', '\n\n', 't_ms,rss_bytes\n'])('%j holds no sample, and is no error', async (text) => {
    expect((await read(text)).samples).toEqual([]);
  });

  it('never fails in any other way, whatever the bytes', async () => {
    const piece = fc.oneof(
      fc.constantFrom('t_ms', 'rss_bytes', ',', '\n', '\r\n', '1', '-', 'NaN', '{', '"', '\0'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.integer({ min: 1, max: 50 }), async (pieces, size) => {
        const failure: unknown = await read(pieces.join(''), size).then(
          () => ({ code: 'corrupt' }),
          (error: unknown) => error,
        );
        expect(failure).toMatchObject({ code: 'corrupt' });
      }),
    );
  });
});

describe('writing', () => {
  let dir: string;
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'rampart-trace-'))));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('writes what reading reads, for nobody else', async () => {
    const path = join(dir, 'a.csv');
    const writer = createTraceWriter(path, ['t_ms', 'rss_bytes', 'cpu_ratio', 'threads']);
    writer.write({ tMs: 1, rssBytes: 10, cpuRatio: 0.123456, threads: null });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // Before it is closed: each row is with the kernel.
    expect((await read(readFileSync(path))).samples).toEqual([
      { tMs: 1, rssBytes: 10, cpuRatio: 0.1235, threads: Number.NaN },
    ]);
    writer.close();
    expect(writer.rows).toBe(1);
  });

  it('never touches a file that holds something, nor follows a link', () => {
    const path = join(dir, 'b.csv');
    writeFileSync(path, 'mine');
    const link = join(dir, 'link.csv');
    symlinkSync(join(dir, 'elsewhere.csv'), link);
    for (const taken of [path, link])
      expect(() => createTraceWriter(taken, ['t_ms'])).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(existsSync(join(dir, 'elsewhere.csv'))).toBe(false);
  });

  it('takes an empty file and makes it private', () => {
    const path = join(dir, 'c.csv');
    writeFileSync(path, '');
    chmodSync(path, 0o644);
    createTraceWriter(path, ['t_ms']).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe('t_ms\n');
  });

  it('says why a file cannot be written', () => {
    expect(() => createTraceWriter(join(dir, 'none', 'd.csv'), ['t_ms'])).toThrow(
      expect.objectContaining({ code: 'io' }),
    );
    expect(() => createTraceWriter(dir, ['t_ms'])).toThrow(expect.objectContaining({ code: 'io' }));
  });
});

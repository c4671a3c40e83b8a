import { describe, expect, it } from 'vitest';
import { findSymbol } from '../../../src/sources/inspector/elf.ts';
import { listenersOf } from '../../../src/sources/inspector/sockets.ts';
import { splitOf } from '../../../src/sources/inspector/split.ts';

const mapping = (from: string, to: string, inode: number, name: string, rss: number, anonymous: number): string =>
  [
    `${from}-${to} rw-p 00000000 00:00 ${inode} ${name === '' ? '' : `                     ${name}`}`,
    `Rss:                ${rss} kB`,
    `Anonymous:          ${anonymous} kB`,
    `Swap:               0 kB`,
    'VmFlags: rd wr mr mw me ac',
    '',
  ].join('\n');

describe('the passive split', () => {
  // A page of V8, an arena of malloc (64 MiB aligned), the heap, a mapping that malloc made, a file.
  const smaps = [
    mapping('3f40c0000', '3f4100000', 0, '', 256, 256),
    mapping('7f1a40000000', '7f1a40800000', 0, '', 8_000, 8_000),
    mapping('55d0a000', '55d2a000', 0, '[heap]', 500, 500),
    mapping('7f1a51234000', '7f1a51334000', 0, '', 1_000, 1_000),
    mapping('7f1a60000000', '7f1a60100000', 77, '/usr/lib/libc.so.6', 700, 40),
  ].join('');

  it('counts as V8 only what lies as V8 lays its pages', () => {
    expect(splitOf(smaps, 5, true)).toEqual({
      atMs: 5,
      rssBytes: 10_456 * 1024,
      v8Bytes: 256 * 1024,
      otherAnonymousBytes: 9_540 * 1024,
      fileBytes: 660 * 1024,
      swapBytes: 0,
      unknown: {},
    });
  });

  it('knows nothing of V8 in another program', () => {
    const split = splitOf(smaps, 5, false);
    expect(split.v8Bytes).toBeNull();
    expect(split.unknown['v8Bytes']).toMatch(/only Node/);
    expect(split.otherAnonymousBytes).toBe(9_796 * 1024);
  });
});

describe('listening sockets', () => {
  it('are told apart by address, of both families', () => {
    const row = (local: string, state: string, inode: number): string =>
      `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000 100 0 0 10 0`;
    const table = [
      '  sl  local_address rem_address   st',
      row('0100007F:240D', '0A', 11),
      row('00000000:1F90', '0A', 12),
      row('0100007F:240D', '01', 13),
      row('00000000000000000000000001000000:240E', '0A', 14),
      row('00000000000000000000000000000000:240F', '0A', 15),
    ].join('\n');
    expect(listenersOf(table)).toEqual([
      { inode: 11, port: 9229, isLoopback: true, address: '127.0.0.1' },
      { inode: 12, port: 8080, isLoopback: false, address: '127.0.0.1' },
      { inode: 14, port: 9230, isLoopback: true, address: '::1' },
      { inode: 15, port: 9231, isLoopback: false, address: '127.0.0.1' },
    ]);
  });
});

describe('symbols of a program file', () => {
  it('are found in the Node that runs this, unless it is stripped', () => {
    const place = findSymbol(process.execPath, 'uv__signal_tree');
    expect(place?.address ?? 1n).toBeGreaterThan(0n);
    expect(findSymbol(process.execPath, 'no_such_symbol_anywhere')).toBeNull();
  });

  it('are not looked for in what is no program', () => {
    expect(findSymbol(import.meta.filename, 'main')).toBeNull();
    expect(findSymbol('/dev/null', 'main')).toBeNull();
    expect(findSymbol('/no/such/file', 'main')).toBeNull();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inodeOf } from '../../../src/sources/linux/stdin-link.ts';
import { parseUnixPeers } from '../../../src/sources/linux/unix-sockets.ts';

const HEAD = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
const line = (references: string, inode: number | string, path = ''): string =>
  `00000000b12bcf34: ${references} 00000000 00000000 0001 03 ${String(inode).padStart(5)}${path === '' ? '' : ` ${path}`}\n`;
const parse = (text: string, ...wanted: number[]) => parseUnixPeers(new TextEncoder().encode(text), new Set(wanted));

describe('/proc/net/unix', () => {
  it('tells live peers from dead ones by the reference count', () => {
    const text = HEAD + line('00000003', 1058) + line('00000002', 7) + line('0000000a', 123456);
    expect([...parse(text, 1058, 7, 123456, 99)]).toEqual([
      [1058, 'alive'],
      [7, 'dead'],
      [123456, 'alive'],
    ]);
  });

  it('answers only for the sockets that were asked for', () => {
    expect(parse(HEAD + line('00000002', 7), 8).size).toBe(0);
  });

  it('does not believe a line that a socket name forges', () => {
    const forged = line('00000003', 50, `@evil\n${line('00000002', 1058).trimEnd()}`);
    expect(parse(HEAD + line('00000003', 1058) + forged, 1058).get(1058)).toBe('ambiguous');
    expect(parse(HEAD + forged + line('00000003', 1058), 1058).get(1058)).toBe('ambiguous');
  });

  it('leaves out torn and odd lines', () => {
    expect(parse(`${HEAD}00000000b12bcf34: 0000\n${line('zz', 7)}${line('00000002', '7x')}\n\n`, 7).size).toBe(0);
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(parseUnixPeers(bytes, new Set([1, 2, 3])).size).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe('stdin links', () => {
  it('reads the inode of its own kind', () => {
    expect(inodeOf('socket:[1057]', 'socket')).toBe(1057);
    expect(inodeOf('pipe:[1057]', 'socket')).toBeNull();
    expect(inodeOf('/tmp/socket:[1057]', 'socket')).toBeNull();
    expect(inodeOf('/dev/null', 'pipe')).toBeNull();
  });
});

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Where a symbol lies in an ELF file. */
export interface SymbolPlace {
  /** Address as linked; to be shifted by the load address when the file is position independent. */
  readonly address: bigint;
  readonly isPositionIndependent: boolean;
}

// <elf.h>: 64-bit, little endian, the only kind that Node is built for on Linux beside s390x and ppc64.
const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;
const ET_DYN = 3;
const SHT_SYMTAB = 2;
/** Names of a large program are 30 MB; read piece by piece. */
const PIECE_BYTES = 1024 * 1024;

/**
 * A symbol of the full symbol table, which a stripped file no longer has. Null: no such symbol, or no ELF file of this
 * kind. 30–60 ms for Node's 120 MB file, without holding more than a megabyte: the answer is worth keeping per file.
 */
export function findSymbol(path: string, name: string): SymbolPlace | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    if (!fstatSync(fd).isFile()) return null;
    return find(fd, name);
  } catch {
    // A torn or hostile file.
    return null;
  } finally {
    closeSync(fd);
  }
}

function find(fd: number, name: string): SymbolPlace | null {
  const header = readAt(fd, 0, HEADER_BYTES);
  const isElf64Little = header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  if (!isElf64Little) return null;
  const sections = readAt(fd, Number(header.readBigUInt64LE(40)), header.readUInt16LE(60) * SECTION_BYTES);
  const sectionAt = (index: number) => {
    const at = index * SECTION_BYTES;
    return {
      type: sections.readUInt32LE(at + 4),
      offset: Number(sections.readBigUInt64LE(at + 24)),
      size: Number(sections.readBigUInt64LE(at + 32)),
      link: sections.readUInt32LE(at + 40),
    };
  };
  for (let index = 0; index < sections.length / SECTION_BYTES; index += 1) {
    const symbols = sectionAt(index);
    if (symbols.type !== SHT_SYMTAB) continue;
    const nameAt = findName(fd, sectionAt(symbols.link), name);
    if (nameAt === null) return null;
    const address = addressOf(fd, symbols, nameAt);
    return address === null ? null : { address, isPositionIndependent: header.readUInt16LE(16) === ET_DYN };
  }
  return null;
}

interface Span {
  readonly offset: number;
  readonly size: number;
}

/** Offset of the whole name in the string table; names end with NUL and begin after one. */
function findName(fd: number, { offset, size }: Span, name: string): number | null {
  const wanted = Buffer.from(`\0${name}\0`, 'latin1');
  for (let at = 0; at < size; at += PIECE_BYTES - wanted.length) {
    const found = readAt(fd, offset + at, Math.min(PIECE_BYTES, size - at)).indexOf(wanted);
    if (found >= 0) return at + found + 1;
  }
  return null;
}

function addressOf(fd: number, { offset, size }: Span, nameAt: number): bigint | null {
  const step = PIECE_BYTES - (PIECE_BYTES % SYMBOL_BYTES);
  for (let at = 0; at < size; at += step) {
    const piece = readAt(fd, offset + at, Math.min(step, size - at));
    for (let symbol = 0; symbol + SYMBOL_BYTES <= piece.length; symbol += SYMBOL_BYTES) {
      if (piece.readUInt32LE(symbol) === nameAt) return piece.readBigUInt64LE(symbol + 8);
    }
  }
  return null;
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) throw new Error('the file ends early');
    done += count;
  }
  return bytes;
}

import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** What the kernel's counters are counted in. */
export interface KernelUnits {
  readonly pageBytes: number;
  /** Length of one clock tick of `/proc/PID/stat` (USER_HZ), ms. */
  readonly tickMs: number;
  /** 'auxv' or 'assumed'. */
  readonly origin: 'auxv' | 'assumed';
}

// Keys of the auxiliary vector: linux/auxvec.h.
const AT_NULL = 0n;
const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/** Of every 64-bit Linux that Node supports; 16 and 64 KiB pages exist on arm64 and ppc64, so it is only a fallback. */
const ASSUMED: KernelUnits = { pageBytes: 4096, tickMs: 10, origin: 'assumed' };

/**
 * The units as the kernel handed them to this very process: `sysconf(_SC_PAGESIZE)` and `sysconf(_SC_CLK_TCK)` answer
 * from the same auxiliary vector, which Node does not show, but `/proc/self/auxv` does.
 */
export function readKernelUnits(path = '/proc/self/auxv', bytesPerWord: 4 | 8 = wordBytes()): KernelUnits {
  let auxv: Buffer;
  try {
    auxv = readFileSync(path);
  } catch {
    return ASSUMED;
  }
  return parseAuxv(auxv, bytesPerWord, endianness()) ?? ASSUMED;
}

/** Null when the vector holds no plausible page size and tick. */
export function parseAuxv(auxv: Uint8Array, bytesPerWord: 4 | 8, order: 'LE' | 'BE'): KernelUnits | null {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  const little = order === 'LE';
  const word = (offset: number): bigint =>
    bytesPerWord === 8 ? view.getBigUint64(offset, little) : BigInt(view.getUint32(offset, little));
  let pageBytes = 0;
  let ticksPerSecond = 0;
  for (let offset = 0; offset + 2 * bytesPerWord <= auxv.byteLength; offset += 2 * bytesPerWord) {
    const key = word(offset);
    if (key === AT_NULL) break;
    if (key === AT_PAGESZ) pageBytes = Number(word(offset + bytesPerWord));
    if (key === AT_CLKTCK) ticksPerSecond = Number(word(offset + bytesPerWord));
  }
  const plausible = pageBytes >= 1024 && pageBytes <= 1 << 20 && ticksPerSecond >= 1 && ticksPerSecond <= 10_000;
  return plausible ? { pageBytes, tickMs: 1000 / ticksPerSecond, origin: 'auxv' } : null;
}

function wordBytes(): 4 | 8 {
  return ['arm', 'ia32', 'mips', 'mipsel', 'ppc', 's390'].includes(process.arch) ? 4 : 8;
}

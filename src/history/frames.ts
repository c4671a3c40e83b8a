import { crc32 } from 'node:zlib';

/**
 * Records in a file: a mark, the length, a CRC-32 of length and content, the content. The mark lets a reader find the
 * next whole record after a damaged one, whatever the damage.
 *
 * A file begins with 16 bytes: "RAMPHIST", format version (u16), kind (u16), four bytes kept for later. All numbers are
 * little-endian.
 */
const FORMAT_VERSION = 1;
const HEADER_BYTES = 16;
const FRAME_BYTES = 12;

const MAGIC = [0x52, 0x41, 0x4d, 0x50, 0x48, 0x49, 0x53, 0x54] as const;
/** Two letters and two bytes that occur in no UTF-8 text. */
const MARK = [0x52, 0x46, 0xff, 0xfe] as const;

export type Kind = 'log' | 'raw' | 'min';
const KINDS: readonly Kind[] = ['log', 'raw', 'min'];

export function encodeHeader(kind: Kind): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(MAGIC);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, FORMAT_VERSION, true);
  view.setUint16(10, KINDS.indexOf(kind), true);
  return bytes;
}

/** 'torn': cut off before the header's end. 'newer': a later version's. 'other': none of ours. */
export function readHeader(bytes: Uint8Array): 'ok' | 'torn' | 'newer' | 'other' {
  const known = Math.min(bytes.length, MAGIC.length);
  for (let index = 0; index < known; index += 1) if (bytes[index] !== MAGIC[index]) return 'other';
  if (bytes.length < HEADER_BYTES) return 'torn';
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  if (version > FORMAT_VERSION) return 'newer';
  return version === FORMAT_VERSION ? 'ok' : 'other';
}

export function encodeFrame(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES + content.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MARK);
  view.setUint32(4, content.length, true);
  bytes.set(content, FRAME_BYTES);
  view.setUint32(8, checksum(bytes, 0, content.length), true);
  return bytes;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export interface FrameScan {
  /** Damaged stretches with a whole record behind them. */
  readonly corrupt: number;
  /** Bytes at the end that are no whole record: an append that a crash cut off. */
  readonly tornBytes: number;
}

/** Calls back with the content of each whole record, in order, and says what was skipped. */
export function scanFrames(bytes: Uint8Array, visit: (content: Uint8Array) => void): FrameScan {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = HEADER_BYTES;
  let corrupt = 0;
  let goodUntil = at;
  // A file made of false marks would cost its length squared in checksums; honest damage costs a fraction of one pass.
  let effort = bytes.length * 8;
  while (at + FRAME_BYTES <= bytes.length && effort >= 0) {
    const length = wholeFrame(bytes, view, at);
    effort -= length === null ? claimedLength(bytes, view, at) : 0;
    if (length === null) {
      at = nextMark(bytes, at + 1);
      continue;
    }
    if (at !== goodUntil) corrupt += 1;
    visit(bytes.subarray(at + FRAME_BYTES, at + FRAME_BYTES + length));
    at += FRAME_BYTES + length;
    goodUntil = at;
  }
  return { corrupt, tornBytes: Math.max(0, bytes.length - goodUntil) };
}

function wholeFrame(bytes: Uint8Array, view: DataView, at: number): number | null {
  if (!MARK.every((byte, index) => bytes[at + index] === byte)) return null;
  const length = view.getUint32(4 + at, true);
  if (length > bytes.length - at - FRAME_BYTES) return null;
  return view.getUint32(8 + at, true) === checksum(bytes, at, length) ? length : null;
}

function claimedLength(bytes: Uint8Array, view: DataView, at: number): number {
  return Math.min(view.getUint32(4 + at, true), bytes.length - at);
}

function checksum(bytes: Uint8Array, at: number, length: number): number {
  const seed = crc32(bytes.subarray(at + 4, at + 8));
  return crc32(bytes.subarray(at + FRAME_BYTES, at + FRAME_BYTES + length), seed);
}

function nextMark(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(MARK[0], from); at >= 0; at = bytes.indexOf(MARK[0], at + 1)) {
    if (bytes[at + 1] === MARK[1] && bytes[at + 2] === MARK[2] && bytes[at + 3] === MARK[3]) return at;
  }
  return bytes.length;
}

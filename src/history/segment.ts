import { BlockReader, ByteReader, ByteWriter, corrupt } from '../series/index.ts';
import { encodeFrame, encodeHeader, HEADER_BYTES, type Kind, readHeader, scanFrames } from './frames.ts';

/**
 * The content of a record: its number in the file, names of subjects, a block. Names are numbered from 0 on in each
 * file. A record of a log carries the names that are new in it and those that were new in the one before, so that one
 * damaged record costs its own samples and no others.
 */
export interface RecordParts {
  readonly frame: number;
  readonly firstName: number;
  readonly names: readonly string[];
  readonly block: Uint8Array;
}

export function encodeRecord(parts: RecordParts): Uint8Array {
  const out = new ByteWriter(parts.block.length + parts.names.length * 12 + 16);
  out.varint(parts.frame);
  out.varint(parts.firstName);
  out.varint(parts.names.length);
  for (const name of parts.names) writeName(out, name);
  out.raw(parts.block);
  return encodeFrame(out.view());
}

/** A whole file with one record. */
export function encodeTable(kind: Kind, parts: RecordParts): Uint8Array {
  const record = encodeRecord(parts);
  const bytes = new Uint8Array(HEADER_BYTES + record.length);
  bytes.set(encodeHeader(kind));
  bytes.set(record, HEADER_BYTES);
  return bytes;
}

/** What could be read of a file. */
export interface Segment {
  readonly header: 'ok' | 'torn' | 'newer' | 'other';
  /** Subject by number; undefined: its record is damaged. */
  readonly names: readonly (string | undefined)[];
  readonly blocks: readonly { readonly frame: number; readonly reader: BlockReader }[];
  readonly corrupt: number;
  readonly tornBytes: number;
}

/** Never throws on any content: what is whole is kept, what is not is counted. */
export function readSegment(bytes: Uint8Array): Segment {
  const header = readHeader(bytes);
  if (header !== 'ok') {
    return { header, names: [], blocks: [], corrupt: 0, tornBytes: header === 'torn' ? bytes.length : 0 };
  }
  const names: (string | undefined)[] = [];
  const blocks: { frame: number; reader: BlockReader }[] = [];
  let unreadable = 0;
  const scan = scanFrames(bytes, (content) => {
    try {
      blocks.push(readRecord(content, names));
    } catch {
      unreadable += 1;
    }
  });
  return { header, names, blocks, corrupt: scan.corrupt + unreadable, tornBytes: scan.tornBytes };
}

function readRecord(content: Uint8Array, names: (string | undefined)[]): { frame: number; reader: BlockReader } {
  const reader = new ByteReader(content);
  const frame = reader.varint();
  const first = reader.varint();
  const count = reader.varint();
  // A name takes two bytes or more, so no file can make this array larger than itself.
  if (count * 2 > reader.remaining || first > MAX_NAMES) throw corrupt('too many names');
  for (let index = 0; index < count; index += 1) names[first + index] = readName(reader);
  return { frame, reader: new BlockReader(content.subarray(reader.position)) };
}

/** Process ids end at 2^22; more subjects than that in a file are a damaged number. */
const MAX_NAMES = 2 ** 23;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `pid:startTime`, written as it would be written again (no leading zeros). */
const PROCESS_KEY = /^(0|[1-9]\d{0,9}):(0|[1-9]\d{0,14})$/;

/** A process key takes two numbers after a 0; any other subject its length + 1 and its text. */
function writeName(out: ByteWriter, name: string): void {
  const key = PROCESS_KEY.exec(name);
  if (key !== null) {
    out.varint(0);
    out.varint(Number(key[1]));
    out.varint(Number(key[2]));
    return;
  }
  const text = encoder.encode(name);
  out.varint(text.length + 1);
  out.raw(text);
}

function readName(reader: ByteReader): string {
  const tag = reader.varint();
  if (tag === 0) return `${reader.varint()}:${reader.varint()}`;
  return decoder.decode(reader.raw(tag - 1));
}

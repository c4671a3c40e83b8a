import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Block, BlockReader, ByteReader, ByteWriter, corrupt } from '../series/index.ts';
import { encodeFrame, readHeader, scanFrames } from './frames.ts';

/**
 * The content of a record: its number in the file, its times, names of subjects, a block (deflated). Names are numbered
 * from 0 on in each file. A record of a log carries the names that are new in it and those that were new in the one
 * before, so that one damaged record costs its own samples and no others. A record of a table carries exactly the
 * subjects of its block, so that a reader inflates only what it looks for.
 */
export interface RecordParts {
  readonly frame: number;
  readonly ownNames: boolean;
  readonly firstName: number;
  readonly names: readonly string[];
  readonly block: Block;
}

/** zlib's own default: the higher levels take twice the time for 1 % of these bytes. */
const DEFLATE_LEVEL = 6;

/** Far above what the writer puts into one block; a bomb stops here. */
const MAX_BLOCK_BYTES = 64 * 1024 * 1024;

export function encodeRecord(parts: RecordParts): Uint8Array {
  const { bytes, fromMs, toMs } = parts.block;
  const packed = deflateRawSync(bytes, { level: DEFLATE_LEVEL });
  const out = new ByteWriter(packed.length + parts.names.length * 12 + 48);
  out.varint(parts.frame * 2 + (parts.ownNames ? 1 : 0));
  out.varint(fromMs);
  out.varint(toMs - fromMs);
  out.varint(parts.firstName);
  out.varint(parts.names.length);
  const before: Before = { pid: 0, startTime: 0 };
  for (const name of parts.names) writeName(out, name, before);
  out.raw(packed);
  return encodeFrame(out.view());
}

export interface SegmentBlock {
  readonly frame: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** False: surely nothing of that subject in it. */
  mayHold(subjectId: number): boolean;
  /** Inflates; throws `corrupt` when it cannot. */
  open(): BlockReader;
}

/** What could be read of a file. */
export interface Segment {
  readonly header: 'ok' | 'torn' | 'newer' | 'other';
  /** Subject by number; undefined: its record is damaged. */
  readonly names: readonly (string | undefined)[];
  readonly blocks: readonly SegmentBlock[];
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
  const blocks: SegmentBlock[] = [];
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

function readRecord(content: Uint8Array, names: (string | undefined)[]): SegmentBlock {
  const reader = new ByteReader(content);
  const head = reader.varint();
  const fromMs = reader.varint();
  const toMs = fromMs + reader.varint();
  const first = reader.varint();
  const count = reader.varint();
  // A name takes two bytes or more, so no file can make this array larger than itself.
  if (count * 2 > reader.remaining || first > MAX_NAMES) throw corrupt('too many names');
  const before: Before = { pid: 0, startTime: 0 };
  for (let index = 0; index < count; index += 1) names[first + index] = readName(reader, before);
  const packed = content.subarray(reader.position);
  const ownNames = head % 2 === 1;
  return {
    frame: Math.floor(head / 2),
    fromMs,
    toMs,
    mayHold: (subjectId) => !ownNames || (subjectId >= first && subjectId < first + count),
    open: () => new BlockReader(inflate(packed)),
  };
}

function inflate(packed: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: MAX_BLOCK_BYTES });
  } catch {
    throw corrupt('a block cannot be inflated');
  }
}

/** Process ids end at 2^22; more subjects than that in a file are a damaged number. */
const MAX_NAMES = 2 ** 23;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `pid:startTime`, written as it would be written again (no leading zeros). */
const PROCESS_KEY = /^(0|[1-9]\d{0,9}):(0|[1-9]\d{0,14})$/;

/** The process named last in this record: what starts together has numbers close together. */
interface Before {
  pid: number;
  startTime: number;
}

/** A process key takes two differences after a 0; any other subject its length + 1 and its text. */
function writeName(out: ByteWriter, name: string, before: Before): void {
  const key = PROCESS_KEY.exec(name);
  if (key !== null) {
    out.varint(0);
    const [pid, startTime] = [Number(key[1]), Number(key[2])];
    out.signed(pid - before.pid);
    out.signed(startTime - before.startTime);
    before.pid = pid;
    before.startTime = startTime;
    return;
  }
  const text = encoder.encode(name);
  out.varint(text.length + 1);
  out.raw(text);
}

function readName(reader: ByteReader, before: Before): string {
  const tag = reader.varint();
  if (tag === 0) {
    before.pid += reader.signed();
    before.startTime += reader.signed();
    return `${before.pid}:${before.startTime}`;
  }
  return decoder.decode(reader.raw(tag - 1));
}

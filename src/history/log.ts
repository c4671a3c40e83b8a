import type { Store } from '../model/index.ts';
import type { Names, SealedBlock } from '../series/index.ts';
import { type HistoryFile, logName } from './files.ts';
import { concatBytes, encodeHeader } from './frames.ts';
import { encodeRecord } from './segment.ts';

/** The log that is being written: one file for one numbering of subjects. */
export interface OpenLog {
  readonly file: HistoryFile;
  readonly names: Names;
  /** Names that the file holds, and how many it held before the last record. */
  written: number;
  writtenBefore: number;
  /** One past the last record of the file: a reader looks no further, what comes later it has from RAM. */
  nextFrame: number;
}

export function openLog(names: Names, sequence: number): OpenLog {
  const name = logName(sequence);
  const [first, last] = [sequence, sequence];
  const file: HistoryFile = { name, kind: 'log', first, last, fromMs: Infinity, toMs: -Infinity, bytes: 0 };
  return { file, names, written: 0, writtenBefore: 0, nextFrame: 0 };
}

/** Appends one block. When it fails nothing of the log's state changes, and the same block can be tried again. */
export async function appendBlock(store: Store, log: OpenLog, block: SealedBlock): Promise<void> {
  const record = encodeRecord({
    frame: block.frame,
    ownNames: false,
    firstName: log.writtenBefore,
    names: log.names.subjects.slice(log.writtenBefore, block.namesCount),
    block,
  });
  const bytes = log.file.bytes === 0 ? concatBytes([encodeHeader('log'), record]) : record;
  await store.append(log.file.name, bytes);
  log.writtenBefore = log.written;
  log.written = Math.max(log.written, block.namesCount);
  log.nextFrame = block.frame + 1;
  log.file.bytes += bytes.length;
  log.file.fromMs = Math.min(log.file.fromMs, block.fromMs);
  log.file.toMs = Math.max(log.file.toMs, block.toMs);
}

import { rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { once } from 'node:events';
import { constants, createGzip } from 'node:zlib';
import { RampartError } from '../model/index.ts';
import { diskError } from './disk-error.ts';

/** A snapshot on its way to disk. */
export interface SnapshotFile {
  /** Resolves when there is room for more. */
  write(chunk: string): Promise<void>;
  /** Everything is on disk. */
  end(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/**
 * Compressed on the way: snapshots are JSON of numbers and shrink to a tenth. The fastest level, since the process that
 * is written stands still and buffers what we have not taken yet.
 */
export function openSnapshotFile(file: FileHandle, path: string, maxBytes: number): SnapshotFile {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  let failure: unknown = null;
  let bytes = 0;
  const written = (async () => {
    for await (const piece of gzip as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > maxBytes) {
        throw new RampartError(
          'unsupported',
          `the snapshot is larger than all captures together may be (${maxBytes} bytes)`,
          'Raise captures.maxBytes, or take the light capture.',
        );
      }
      for (let done = 0; done < piece.length;) done += (await file.write(piece, done)).bytesWritten;
    }
    await file.sync();
  })().catch((error: unknown) => {
    failure = error;
    gzip.destroy();
  });

  return {
    async write(chunk) {
      if (failure !== null) throw diskError(failure);
      if (gzip.write(chunk)) return;
      await Promise.race([once(gzip, 'drain'), written]);
      if (failure !== null) throw diskError(failure);
    },
    async end() {
      gzip.end();
      await written;
      await file.close();
      if (failure === null) return;
      rmSync(path, { force: true });
      throw diskError(failure);
    },
    async abort() {
      gzip.destroy();
      await written;
      await file.close().catch(() => undefined);
      rmSync(path, { force: true });
    },
  };
}

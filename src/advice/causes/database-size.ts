import { defineAdvice } from '../define-advice.ts';
import { unknownEffect } from '../effects.ts';
import { manual } from '../steps.ts';
import { sizeText } from '../../wording/index.ts';

const GIB = 1024 ** 3;
/** A store of agents' memory has megabytes; what has so much was never cleaned (ruflo#2628). */
const LARGE = GIB;
/** SQLite checkpoints its log at 4 MB: one that is so large is held open by a reader that never ends. */
const LARGE_LOG = 256 * 1024 ** 2;

export const databaseSize = defineAdvice({
  type: 'database-size',
  about: 'Databases of agents that are never cleaned, and write-ahead logs that cannot be checkpointed.',
  look: ({ files }) =>
    files
      .filter(({ kind, path, bytes }) => kind === 'database' && bytes >= (path.endsWith('-wal') ? LARGE_LOG : LARGE))
      .map((file) => {
        const isLog = file.path.endsWith('-wal');
        return {
          key: file.path,
          priority: 'medium' as const,
          urgency: 'sometime' as const,
          title: `A database${isLog ? "'s write-ahead log" : ''} has ${sizeText(file.bytes)}.`,
          reason: isLog
            ? 'It is folded into its database only when no reader holds it open: one that never ends keeps it growing.'
            : 'Pages that were read stay in the page cache and, with mmap, count as memory of each reader.',
          subject: { kind: 'file' as const, id: file.path, name: file.path },
          evidence: [{ kind: 'file-size', detail: sizeText(file.bytes) }],
          confidence: 0.7,
          processes: [],
          actions: [
            manual('configure', {
              description: isLog
                ? 'End the readers, then: sqlite3 FILE "PRAGMA wal_checkpoint(TRUNCATE)".'
                : 'With its writers ended: delete what is old, then sqlite3 FILE "VACUUM".',
              effect: unknownEffect('it frees disk and page cache, which the kernel takes back anyway'),
              time: '10 min',
            }),
          ],
        };
      }),
});

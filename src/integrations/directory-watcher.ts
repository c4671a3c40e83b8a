import { type FSWatcher, watch } from 'node:fs';

/**
 * Tells that something may have happened in a directory. Hints may be missing, late or double: a sweep finds the rest.
 * A hint is given once: the directory is not watched any more until `follow` names it again, so that a storm of writes
 * costs one event for each directory and look, not one for each write.
 */
export interface DirectoryWatcher {
  /** From now on these directories (path → inode) and no others. Returns why some could not be watched, or null. */
  follow(directories: ReadonlyMap<string, number>): string | null;
  readonly watched: number;
  close(): void;
}

export type OpenDirectoryWatcher = (onHint: (directory: string) => void) => DirectoryWatcher;

/**
 * One `fs.watch` for each directory, and none for files. chokidar was measured behind the same seam (bench/memory-bank)
 * and does not do: also with files ignored it lists and stats the whole directory again at every event.
 * Nothing here keeps the process alive.
 */
export const watchDirectories: OpenDirectoryWatcher = (onHint) => {
  const watchers = new Map<string, { readonly ino: number; readonly watcher: FSWatcher }>();

  function drop(path: string): void {
    watchers.get(path)?.watcher.close();
    watchers.delete(path);
  }

  function add(path: string, ino: number): void {
    const watcher = watch(path, { persistent: false }, () => {
      // Events that were already under way come after the drop: only the first counts.
      if (watchers.get(path)?.watcher !== watcher) return;
      drop(path);
      onHint(path);
    });
    // A watch that fails later (its file system went away) is as good as none: the sweep goes on.
    watcher.on('error', () => drop(path));
    watchers.set(path, { ino, watcher });
  }

  return {
    follow(directories) {
      // A folder that was deleted and made again has the same name, and its old watch is deaf.
      for (const [path, { ino }] of watchers) if (directories.get(path) !== ino) drop(path);
      for (const [path, ino] of directories) {
        if (watchers.has(path)) continue;
        try {
          add(path, ino);
        } catch (cause) {
          const code = (cause as NodeJS.ErrnoException).code;
          // Gone between listing and watching: the next sweep knows.
          if (code === 'ENOENT' || code === 'ENOTDIR') continue;
          // No more watches (ENOSPC: fs.inotify.max_user_watches) or descriptors: trying the rest is of no use.
          return `no more watches (${code ?? 'unknown error'}): changes are seen by the sweep`;
        }
      }
      return null;
    },
    get watched() {
      return watchers.size;
    },
    close() {
      for (const path of watchers.keys()) drop(path);
    },
  };
};

// One way to keep up with a memory bank, in a process of its own: `watcher.mjs WAY PROJECT`. A line on stdin is a status
// word; the answer is how many records have it now. Ends with stdin.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type FSWatcher, watch } from 'chokidar';
import { watchMemoryBank } from '../../src/integrations/memory-bank.ts';

interface Way {
  readonly count: (status: string) => number;
  readonly close: () => void | Promise<void>;
}

const WAYS: Readonly<Record<string, (project: string) => Promise<Way>>> = {
  /** The same program, watching nothing. */
  none: async () => ({ count: () => 0, close: () => {} }),

  rampart: async (project) => {
    const bank = watchMemoryBank({ project });
    await bank.read();
    return {
      count: (status) => bank.records().filter((record) => record.status === status).length,
      close: () => bank.close(),
    };
  },

  /** chokidar as it comes: every file is watched, and every change is read. */
  chokidar: (project) => chokidarWay(watch(join(project, 'memory'))),

  /** chokidar told to ignore files; its raw events say which directory to look at. */
  'chokidar-directories': (project) =>
    chokidarWay(watch(join(project, 'memory'), { ignored: (_path, stats) => stats?.isFile() ?? false })),
};

async function chokidarWay(watcher: FSWatcher): Promise<Way> {
  const statuses = new Map<string, string>();
  const look = (path: string): void => {
    if (!path.endsWith('state.json')) return;
    try {
      statuses.set(path, (JSON.parse(readFileSync(path, 'utf8')) as { status: string }).status);
    } catch {
      // Torn: another event follows.
    }
  };
  watcher.on('add', look).on('change', look);
  watcher.on('raw', (_event, name, details: unknown) => {
    if (name === 'state.json') look(join((details as { watchedPath: string }).watchedPath, name));
  });
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return {
    count: (status) => [...statuses.values()].filter((one) => one === status).length,
    close: () => watcher.close(),
  };
}

const [name = '', project = ''] = process.argv.slice(2);
const way = await WAYS[name]?.(project);
if (way === undefined) throw new Error(`no way named ${name}`);
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${way.count(line)}\n`);
await way.close();

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RampartError, type ConstructorGrowth } from '../model/index.ts';

/** Strings of a snapshot and a set of ids are in the JavaScript heap; the graph lies outside of it. */
const MAX_HEAP_MB = 1024;
/** 10 s for a million objects. */
const TIMEOUT_MS = 10 * 60_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Compares two snapshots in a process of its own, whose memory is bounded and which ends with us. */
export async function compareApart(before: string, after: string): Promise<readonly ConstructorGrowth[]> {
  const child = spawn(process.execPath, [`--max-old-space-size=${MAX_HEAP_MB}`, ...program(), before, after], {
    cwd: '/',
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    windowsHide: true,
  });
  // What dies with us cannot be left behind.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  let answer = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    answer += piece;
    if (answer.length > MAX_ANSWER_BYTES) end();
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said = `${said}${piece}`.slice(-500)));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  process.off('exit', end);
  if (code === 0) return JSON.parse(answer) as ConstructorGrowth[];
  throw new RampartError(
    'unsupported',
    `the two snapshots could not be compared: ${said.split('\n').at(-1) || `it ended with ${code}`}`,
    'Open both in the DevTools of Chrome (Memory, Load; unpack them with gunzip first).',
  );
}

/** Beside us in dist/; from source (tests) it runs through tsx. */
function program(): string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('./compare-snapshots.js', import.meta.url))];
  return [
    '--import',
    import.meta.resolve('tsx'),
    fileURLToPath(new URL('../entries/compare-snapshots.ts', import.meta.url)),
  ];
}

import { open, readdir, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';
import type { LeftFiles } from '../../model/index.ts';

const NOTHING: LeftFiles = { report: null, core: false };
/** A directory with more names than this is not searched. */
const MAX_NAMES = 20_000;
/** The header comes first, and in it the event and the trigger. */
const HEAD_BYTES = 4096;
const SLACK_MS = 2_000;
/** systemd keeps core dumps here under names that tell command, user, boot and pid. */
const COREDUMPS = '/var/lib/systemd/coredump';

/** Node's `report.DATE.TIME.PID.THREAD.SEQ.json` and core files, in the working directory or where systemd puts them. */
export async function leftFiles(
  pid: number,
  cwd: string | null,
  fromMs: number,
  coredumps: string = COREDUMPS,
): Promise<LeftFiles> {
  const [own, kept] = await Promise.all([cwd === null ? [] : names(cwd), names(coredumps)]);
  const isKept = kept.some((name) => name.startsWith('core.') && name.includes(`.${pid}.`));
  const core = isKept || (cwd !== null && (await anyNew(cwd, own, (name) => isCore(name, pid), fromMs)));
  const reportName = new RegExp(`^report\\.\\d{8}\\.\\d{6}\\.${pid}\\.\\d+\\.\\d+\\.json$`);
  const name = own
    .filter((one) => reportName.test(one))
    .toSorted()
    .at(-1);
  if (cwd === null || name === undefined) return { ...NOTHING, core };
  return { report: await readHead(join(cwd, name), fromMs), core };
}

const isCore = (name: string, pid: number): boolean => name === 'core' || name === `core.${pid}`;

async function names(directory: string): Promise<string[]> {
  const found = await readdir(directory).catch(() => []);
  return found.length > MAX_NAMES ? [] : found;
}

async function anyNew(
  directory: string,
  found: readonly string[],
  wanted: (name: string) => boolean,
  fromMs: number,
): Promise<boolean> {
  for (const name of found.filter(wanted)) {
    const info = await stat(join(directory, name)).catch(() => null);
    if (info?.isFile() === true && info.mtimeMs >= fromMs - SLACK_MS) return true;
  }
  return false;
}

/** A report holds the whole environment: nothing but two short fields of its head is taken. */
async function readHead(path: string, fromMs: number): Promise<LeftFiles['report']> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const info = await file.stat();
    if (!info.isFile() || info.mtimeMs < fromMs - SLACK_MS) return null;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.toString('utf8', 0, bytesRead);
    const field = (key: string): string => new RegExp(`"${key}": "([\\w .:-]{0,80})`).exec(head)?.[1] ?? '';
    return { event: field('event'), trigger: field('trigger') };
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

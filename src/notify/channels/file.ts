import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RampartError } from '../../model/index.ts';
import { defineChannel } from '../channel.ts';
import { SendFailure } from '../failure.ts';
import { toPayload } from '../outgoing.ts';

const NAME = 'alerts.jsonl';
const PUT_ASIDE = /^alerts-\d{8}T\d{9}Z\.jsonl$/;
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** One notification a line. Links are not followed: the directory may lie in a project that agents write to. */
export const file = defineChannel({
  name: 'file',
  title: 'alerts.jsonl in a directory of your choice',
  wants: ({ directory }) => directory !== null,
  traits: () => ({
    durable: false,
    timeoutMs: 5_000,
    sendResolved: true,
    digestMs: 0,
    rate: null,
    refreshMs: null,
  }),
  async open({ directory, maxBytes, keep }, { host, clock }) {
    if (directory === null)
      throw new RampartError('bad-config', 'no directory is set', 'Set notifications.file.directory.');
    let closed = false;
    return {
      async send(notification) {
        if (closed) throw new SendFailure('unreachable', 'closed');
        const line = `${JSON.stringify(toPayload(notification, host))}\n`;
        const size = await append(directory, line);
        if (size >= maxBytes) await putAside(directory, keep, clock.nowMs());
        return `line written to ${NAME}`;
      },
      async close() {
        closed = true;
      },
    };
  },
});

/** Answers with the size after it. What a full disk took half of is given back. */
async function append(directory: string, line: string): Promise<number> {
  const path = join(directory, NAME);
  let handle: FileHandle | null = null;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    handle = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    const { size } = await regular(handle);
    try {
      await handle.appendFile(line);
    } catch (cause) {
      await handle.truncate(size).catch(() => undefined);
      throw cause;
    }
    return size + Buffer.byteLength(line);
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    throw new SendFailure('unreachable', `cannot write ${path}: ${code}`, null, cause);
  } finally {
    await handle?.close();
  }
}

async function regular(handle: FileHandle): Promise<{ size: number }> {
  const info = await handle.stat();
  if (info.isFile()) return info;
  throw Object.assign(new Error('not a regular file'), { code: 'no regular file' });
}

/** `alerts-20260102T030405678Z.jsonl`: names that sort by time. The newest `keep` stay. */
async function putAside(directory: string, keep: number, nowMs: number): Promise<void> {
  const stamp = new Date(nowMs).toISOString().replace(/[-:.]/g, '');
  await rename(join(directory, NAME), join(directory, `alerts-${stamp}.jsonl`));
  const old = (await readdir(directory)).filter((name) => PUT_ASIDE.test(name)).sort();
  for (const name of old.slice(0, Math.max(0, old.length - keep))) await unlink(join(directory, name));
}

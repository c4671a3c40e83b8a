import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { RampartError } from '../../model/index.ts';

/** 256 bits as base64url: what nobody guesses, in characters that a header and a shell take as they are. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * The bearer token of the HTTP endpoint, made on first use. Every local user can reach a port on loopback; only the owner
 * can read this file. Throws 'not-permitted' when the file is a link, somebody else's or readable to others, 'corrupt'
 * when it holds no token.
 */
export function openToken(path: string): string {
  create(path);
  return read(path);
}

/** Written whole beside its place and then linked there, so that two starters agree and none reads half a token. */
function create(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeSync(file, `${randomBytes(32).toString('base64url')}\n`);
    linkSync(draft, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
}

function read(path: string): string {
  const file = openFile(path);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.uid !== process.getuid?.() || (stat.mode & 0o077) !== 0) throw unsafe(path);
    const token = readFileSync(file, 'utf8').trim();
    if (TOKEN.test(token)) return token;
    throw new RampartError('corrupt', `${path} holds no token`, `Delete ${path} and start again: a new one is made.`);
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw unsafe(path, cause);
  }
}

function unsafe(path: string, cause?: unknown): RampartError {
  return new RampartError(
    'not-permitted',
    `the token file ${path} must be a plain file of yours that nobody else can read`,
    `Delete ${path} and start again: a new one is made with mode 0600.`,
    cause,
  );
}

/** Whether an Authorization header carries the token. Compares digests: neither content nor length shows in the time. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer ([^\s]{1,512})$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

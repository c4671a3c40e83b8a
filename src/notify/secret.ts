import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { RampartError } from '../model/index.ts';

/** Longer than any password, token or key. */
const MAX_SECRET_BYTES = 64 * 1024;

/**
 * The secret that `env:NAME` or `file:/path` names. A file must be the user's own and closed to all others. Errors name
 * the place, never the content.
 */
export function readSecret(reference: string, env: Readonly<Record<string, string | undefined>>): string {
  const secret = reference.startsWith('env:') ? fromEnvironment(reference.slice(4), env) : fromFile(reference.slice(5));
  if (!/[\r\n\0]/.test(secret)) return secret;
  throw new RampartError('bad-config', `what ${reference} names has more than one line`, 'One secret, one line.');
}

/** The same for a value that may also stand in place. */
export function readAddress(value: string, env: Readonly<Record<string, string | undefined>>): URL {
  const text = /^(?:env|file):/.test(value) ? readSecret(value, env) : value;
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  }
  throw new RampartError(
    'bad-config',
    'the address is no http:// or https:// URL',
    'Write it whole: https://host/path.',
  );
}

function fromEnvironment(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const value = env[name]?.trim();
  if (value !== undefined && value !== '') return value;
  const hint = name.startsWith('RAMPART_SECRET_')
    ? `Set ${name} where the service is started.`
    : 'Set it where the service is started. A service that an agent starts gets only variables that begin with RAMPART_: name it RAMPART_SECRET_…, or use a file.';
  throw new RampartError('bad-config', `the variable ${name} is not set`, hint);
}

function fromFile(named: string): string {
  const path = named.startsWith('~/') ? join(homedir(), named.slice(2)) : named;
  const fault = (code: 'bad-config' | 'not-permitted', what: string, hint: string, cause?: unknown): RampartError =>
    new RampartError(code, `the secret's file ${path} ${what}`, hint, cause);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw fault('bad-config', 'cannot be read', 'Write the secret there, and: chmod 600 FILE', cause);
  }
  try {
    const info = fstatSync(file);
    if (!info.isFile() || info.size > MAX_SECRET_BYTES)
      throw fault('bad-config', 'is no file of a secret', 'One line.');
    if (process.platform !== 'win32') {
      if (info.uid !== process.geteuid?.())
        throw fault('not-permitted', 'belongs to another user', 'Use one of yours.');
      if ((info.mode & 0o077) !== 0) throw fault('not-permitted', 'can be read by others', `chmod 600 ${path}`);
    }
    const secret = readFileSync(file, 'utf8').trim();
    if (secret === '') throw fault('bad-config', 'is empty', 'Write the secret there.');
    return secret;
  } finally {
    closeSync(file);
  }
}

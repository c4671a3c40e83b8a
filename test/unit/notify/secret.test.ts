import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, paths } from '../../../src/config/index.ts';
import { configView } from '../../../src/faces/cli/config-view.ts';
import { readAddress, readSecret } from '../../../src/notify/secret.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-secret-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a secret', () => {
  it('comes from a variable', () => {
    expect(readSecret('env:X', { X: ' s3cret\n' })).toBe('s3cret');
    expect(() => readSecret('env:X', {})).toThrow(/X is not set/);
  });

  it('comes from a file that only its owner can read', () => {
    const path = join(dir, 'secret');
    writeFileSync(path, 's3cret\n', { mode: 0o600 });
    expect(readSecret(`file:${path}`, {})).toBe('s3cret');
    chmodSync(path, 0o640);
    expect(() => readSecret(`file:${path}`, {})).toThrow(/can be read by others/);
    chmodSync(path, 0o600);
    writeFileSync(path, 'two\nlines');
    expect(() => readSecret(`file:${path}`, {})).toThrow(/more than one line/);
    writeFileSync(path, '');
    expect(() => readSecret(`file:${path}`, {})).toThrow(/is empty/);
    expect(() => readSecret(`file:${dir}`, {})).toThrow(/no file of a secret/);
  });

  it('may be a whole address', () => {
    expect(readAddress('env:HOOK', { HOOK: 'https://chat.example/T/B/x' }).pathname).toBe('/T/B/x');
    for (const bad of ['ftp://x', 'file:///etc/passwd', 'javascript:1']) {
      expect(() => readAddress('env:HOOK', { HOOK: bad })).toThrow(/http/);
    }
  });
});

function errorOf(work: () => unknown): string {
  try {
    work();
    return 'no error';
  } catch (cause) {
    return String(cause);
  }
}

describe('the configuration', () => {
  const load = (content: object, where = '/home/u/.config/rampart/config.json', env: Record<string, string> = {}) =>
    loadConfig({
      env,
      cwd: '/proj',
      home: '/home/u',
      readFile: (path) => (path === where ? JSON.stringify(content) : null),
    });

  it('never shows a secret that was written in place, and refuses it', () => {
    const written = [
      { webhook: { secret: 'whsec_verysecret' } },
      { email: { password: 'verysecret' } },
      { webhook: { url: 'nohttp://verysecret' } },
    ];
    const errors = written.map((notifications) => errorOf(() => load({ notifications })));
    for (const error of errors) expect(error).toMatch(/env:NAME/);
    expect(errors.join()).not.toContain('verysecret');
  });

  it('shows of an address its origin only', () => {
    const loaded = load({
      notifications: { webhook: { url: 'https://user:pw@chat.example/T0/B0/verysecret', secret: 'env:S' } },
    });
    const view = configView(loaded, paths({ XDG_STATE_HOME: '/s' }, { home: '/home/u' }));
    const shown = (name: string) => view.values.find((value) => value.name === `notifications.webhook.${name}`)?.value;
    expect(shown('url')).toBe('https://chat.example/…');
    expect(shown('secret')).toBe('env:S');
    expect(JSON.stringify(view)).not.toMatch(/verysecret|user:pw/);
  });

  it("is not taken from a project's own file, which a stranger may have written", () => {
    const evil = {
      notifications: { webhook: { url: 'https://evil.example', authorization: 'file:~/.ssh/id_ed25519' } },
    };
    expect(() => load(evil, '/proj/rampart.config.json')).toThrow(/project's file/);
    expect(load(evil, '/x.json', { RAMPART_CONFIG: '/x.json' }).config.notifications.webhook.url).toBe(
      'https://evil.example',
    );
  });

  it('takes lists as people write them, and leaves variables of secrets alone', () => {
    const { config } = load({}, '', {
      RAMPART_NOTIFICATIONS__EMAIL__TO: 'a@example.org, b@example.org',
      RAMPART_NOTIFICATIONS__EMAIL__HOST: 'mail',
      RAMPART_NOTIFICATIONS__EMAIL__FROM: 'r@example.org',
      RAMPART_SECRET_MAIL: 'x',
    });
    expect(config.notifications.email.to).toEqual(['a@example.org', 'b@example.org']);
  });

  it('wants sender and recipient where there is a server', () => {
    expect(() => load({ notifications: { email: { host: 'mail' } } })).toThrow(/from and to/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TEXT_LENGTH, REDACTED, redactArguments, redactText, sanitise } from '../../../src/untrusted/index.ts';

describe('sanitise', () => {
  it.each([
    ['a newline that forges a line', 'node\nrampart: all is well', 'node rampart: all is well'],
    ['ANSI colour and cursor codes', '\u001b[31mred\u001b[2J', '[31mred [2J'],
    ['an 8-bit CSI', 'a\u009b31mb', 'a 31mb'],
    ['right-to-left override', 'safe\u202egnp.exe', 'safe gnp.exe'],
    ['zero-width characters', 'cl\u200baude', 'cl aude'],
    ['invisible tag characters', 'x\u{e0041}\u{e0042}y', 'x y'],
    ['a lone surrogate', 'x\ud800y', 'x y'],
    ['line and paragraph separators', 'a\u2028b\u2029c', 'a b c'],
    ['ordinary text in any script', 'größe 漢字 🙂', 'größe 漢字 🙂'],
  ])('takes out %s', (_, hostile, shown) => {
    expect(sanitise(hostile)).toBe(shown);
  });

  it('never gives back a control or invisible character, nor more than the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), fc.integer({ min: 2, max: 400 }), (text, limit) => {
        const shown = sanitise(text, limit);
        expect(shown.length).toBeLessThanOrEqual(limit);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('is idempotent', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => sanitise(sanitise(text)) === sanitise(text)));
  });

  it('cuts a 100 KB title', () => {
    const shown = sanitise('x'.repeat(100_000));
    expect(shown).toHaveLength(MAX_TEXT_LENGTH);
    expect(shown.endsWith('…')).toBe(true);
  });
});

const SECRET = 'S3cr3tV4lue9xyz';

describe('redactArguments', () => {
  it.each([
    ['--api-key', SECRET],
    [`--api-key=${SECRET}`],
    ['--token', SECRET],
    ['-token', SECRET],
    [`--auth-token:${SECRET}`],
    ['--password', SECRET],
    [`PASSWORD=${SECRET}`],
    [`GITHUB_TOKEN=${SECRET}`],
    [`OPENAI_API_KEY=${SECRET}`],
    [`AWS_SECRET_ACCESS_KEY=${SECRET}`],
    ['-H', `Authorization: Bearer ${SECRET}`],
    ['--header', `X-Api-Key: ${SECRET}`],
    [`postgres://user:${SECRET}@db.example/app`],
    [`https://example.com/mcp?api_key=${SECRET}&x=1`],
    [`https://example.com/mcp?x=1&access_token=${SECRET}`],
    [`sk-ant-api03-${SECRET}`],
    [`ghp_${SECRET}${SECRET}`],
    [`github_pat_${SECRET}`],
    [`xoxb-${SECRET}`],
    [`eyJhbGciOi.${SECRET}.${SECRET}`],
    ['sh', '-c', `curl -u bob:x https://a.example -H 'Authorization: token ${SECRET}'`],
    ['--connection', `mysql://root:${SECRET}@localhost`],
    ['--db-pass', SECRET],
    ['--secret', SECRET],
    [`--client-secret=${SECRET}`],
    [`{"token":"${SECRET}"}`],
    ['sh', '-c', `TOKEN=${SECRET} node server.js`],
    ['sh', '-c', `node server.js --api-key ${SECRET}`],
    ['sh', '-c', `login --password "my ${SECRET} words" --user bob`],
    ['sh', '-c', `PASSWORD='my ${SECRET} words' login`],
    ['sh', '-c', `login --password 'never closed ${SECRET}`],
    ['env', `DB_PASSWORD=${SECRET}`, 'node'],
  ])('hides the secret in %j', (...argv) => {
    const shown = redactArguments(argv.filter((part): part is string => typeof part === 'string')).join(' ');
    expect(shown).not.toContain(SECRET);
    expect(shown).toContain(REDACTED);
  });

  it.each([
    [['node', '/srv/app/server.js', '--port', '3000']],
    [['npm', 'exec', '@modelcontextprotocol/server-memory']],
    [['npx', '-y', '@upstash/context7-mcp@latest']],
    [['claude', '--session-id', 'bbf1be2d-863f-4870-baf6-5b1dda84c18c', '--model', 'opus']],
    [['node', '--max-old-space-size=4096', 'tokenizer.js']],
    [['python3', '-m', 'mcp_server_git', '--repository', '/home/user/keyboard']],
  ])('leaves %j as it is', (argv) => {
    expect(redactArguments(argv)).toEqual(argv);
  });

  it('never takes the flag after an empty secret for its value', () => {
    expect(redactArguments(['--token', '--verbose'])).toEqual(['--token', '--verbose']);
  });
});

describe('redactText', () => {
  it('leaves prose about tokens readable, and does not choke on hostile input', () => {
    expect(redactText('token refresh failed: password is not set')).toBe('token refresh failed: password is not set');
    const hostile = `${'token'.repeat(300)} ${'a-'.repeat(1200)}`;
    expect(redactText(hostile)).toBe(hostile);
  });

  it('is idempotent on text with secrets', () => {
    const once = redactText(`GET https://u:${SECRET}@h/?token=${SECRET} Bearer ${SECRET}`);
    expect(once).not.toContain(SECRET);
    expect(redactText(once)).toBe(once);
  });
});

import { expect, test } from 'vitest';
import { ENVIRONMENT_NAMES, filterEnvironment } from '../../../src/agents/index.ts';

test.each([
  ['ANTHROPIC_API_KEY', 'sk-ant-abcdefghijkl'],
  ['CLAUDE_CODE_MESSAGING_TOKEN', 'x'],
  ['CLAUDE_CODE_MESSAGING_SOCKET', '/tmp/x.sock'],
  ['CLAUDE_CODE_OAUTH_TOKEN', 'x'],
  ['PATH', '/bin'],
  ['claudecode', '1'],
])('%s is never read', (name, value) => {
  expect(filterEnvironment(name, value)).toBeNull();
});

test('no name on the list is that of a credential or of a way in', () => {
  expect(ENVIRONMENT_NAMES.length).toBeGreaterThan(10);
  expect(ENVIRONMENT_NAMES.filter((name) => /TOKEN|KEY|SECRET|PASS|AUTH|SOCK|URL/i.test(name))).toEqual([]);
});

test('of NODE_OPTIONS only heap and inspector flags stay', () => {
  const value = '--require /home/u/secret.js --max-old-space-size=100 --env-file=/s --inspect-port=0 --import=data:x';
  expect(filterEnvironment('NODE_OPTIONS', value)).toBe('--max-old-space-size=100 --inspect-port=0');
  expect(filterEnvironment('NODE_OPTIONS', '--require x')).toBeNull();
});

test('values are one line of plain text without secrets', () => {
  expect(filterEnvironment('CLAUDE_PROJECT_DIR', '/p\u001b[31m\nx')).toBe('/p [31m x');
  expect(filterEnvironment('AI_AGENT', 'sk-ant-abcdefghijklmnop')).not.toContain('abcdefgh');
  expect(filterEnvironment('CLAUDE_PROJECT_DIR', 'x'.repeat(100_000))?.length).toBeLessThanOrEqual(200);
});

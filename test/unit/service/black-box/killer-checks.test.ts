import { expect, test } from 'vitest';
import { killerChecks } from '../../../../src/service/answers/killer-checks.ts';

const check = (name: string, works: boolean | null) => ({
  name,
  works,
  detail: name,
  fix: works === false ? 'mend it' : null,
});

async function overall(exit: boolean, oom: boolean, daemons: boolean | null) {
  const [first] = await killerChecks(
    { capability: async () => ({ ...check('exit-status', exit), works: exit }) },
    { capabilities: async () => [check('oom-count', oom), check('oom-daemons', daemons)] },
  );
  return first;
}

test('doctor names the killers that can be named here, and what would help', async () => {
  expect(await overall(true, true, true)).toMatchObject({ name: 'post-mortem', works: true, fix: null });
  const blind = await overall(false, true, false);
  expect(blind?.works).toBe(false);
  expect(blind?.detail).toMatch(
    /^can name rampart, claude-reaper, shutdown, kernel-oom; seldom systemd-oomd, .*signal/,
  );
  expect(blind?.fix).toContain('exit-status');
  // No journal, no such daemon: nothing is missing.
  expect((await overall(true, true, null))?.works).toBe(true);
});

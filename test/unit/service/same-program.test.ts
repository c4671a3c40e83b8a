import { expect, it } from 'vitest';
import type { Attribution, ProcessFacts } from '../../../src/model/index.ts';
import { sameProgram } from '../../../src/service/leaks/same-program.ts';

const named = (facts: Partial<ProcessFacts>, role: Attribution['role'] = 'server') =>
  sameProgram({
    attribution: { role } as Attribution,
    facts: { exe: '/usr/bin/node', comm: 'node', cwd: '/srv/app', argv: [], ...facts } as ProcessFacts,
  });

it.each([
  [{ argv: ['node', '/opt/server.js'] }, { argv: ['/usr/bin/node', '/opt/server.js'] }, true],
  [{ argv: ['node', '/opt/server.js', 'a'] }, { argv: ['node', '/opt/server.js', 'b'] }, false],
  [{ argv: ['node', 'server.js'] }, { argv: ['node', 'server.js'], cwd: '/other' }, false],
  [{ argv: ['node', 'server.js'] }, { argv: ['node', '/srv/app/server.js'] }, true],
  [{ argv: ['node', '/opt/server.js'] }, { argv: ['node', '/opt/server.js'], exe: '/opt/node/bin/node' }, false],
  [{ exe: '/usr/bin/gopls', argv: ['gopls'] }, { exe: '/usr/bin/gopls', argv: ['gopls'], cwd: '/other' }, true],
] as const)('%o and %o: %s', (a, b, same) => {
  expect(named(a)).not.toBeNull();
  expect(named(a) === named(b)).toBe(same);
});

it.each([
  [{ argv: ['node'] }, 'server'],
  [{ argv: ['node', '-e', 'x'] }, 'server'],
  [{ exe: '/bin/bash', argv: ['bash', '-c', 'x'] }, 'agent'],
  [{ exe: null, argv: ['node', '/opt/server.js'] }, 'server'],
  [{ argv: ['node', 'server.js'], cwd: null }, 'server'],
  [{ argv: ['node', '/opt/server.js'] }, 'other'],
  [{ argv: ['node', '/opt/server.js'] }, 'tool'],
] as const)('%o of a %s compares to nothing', (facts, role) => {
  expect(named(facts, role)).toBeNull();
});

it('an agent and a server of one file are two programs', () => {
  const facts = { argv: ['node', '/opt/cli.js'] };
  expect(named(facts, 'agent')).not.toBe(named(facts, 'server'));
});

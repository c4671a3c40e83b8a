import { isAbsolute, join } from 'node:path';
import { isInterpreter, readCommand } from '../../agents/index.ts';
import type { WorldRow } from '../engine/world.ts';

/**
 * Under which name copies of it are pooled: agents and MCP servers of the same executable, script and arguments. Null: not
 * comparable. What is no agent's may share an executable and do other work (renderers of a browser, workers of a pool).
 */
export function sameProgram({ attribution, facts }: Pick<WorldRow, 'attribution' | 'facts'>): string | null {
  const { role } = attribution;
  if (role !== 'agent' && role !== 'server') return null;
  const { program, exe, script, rest } = readCommand(facts);
  // Readable executables only; and an interpreter that runs no file runs anything.
  if (exe === '' || (isInterpreter(program) && script === null)) return null;
  // The same name elsewhere is another file.
  if (script !== null && !isAbsolute(script) && facts.cwd === null) return null;
  const file = script === null || isAbsolute(script) ? script : join(facts.cwd ?? '', script);
  return [role, exe, file ?? '', ...rest].join('\0');
}

// Writes docs/cli.md from the command definitions: `node --import tsx scripts/cli-docs.mjs`.
import { writeFileSync } from 'node:fs';
import { COMMANDS } from '../src/faces/cli/commands/index.ts';
import { manual } from '../src/faces/cli/manual.ts';

writeFileSync('docs/cli.md', await manual(COMMANDS));

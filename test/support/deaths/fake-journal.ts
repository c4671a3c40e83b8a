import { chmodSync, mkdirSync, writeFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** A stand-in for journalctl, which no test may fill: prints the lines that were put in. */
export interface FakeJournal {
  readonly program: string;
  readonly directories: readonly string[];
  add(unit: 'systemd-oomd.service' | 'earlyoom.service', text: string): void;
}

export function createFakeJournal(directory: string): FakeJournal {
  const machine = join(directory, 'journal', '0123456789abcdef0123456789abcdef');
  mkdirSync(machine, { recursive: true });
  writeFileSync(join(machine, 'system.journal'), '');
  const lines = join(directory, 'lines.json');
  writeFileSync(lines, '');
  const program = join(directory, 'journalctl');
  writeFileSync(program, `#!/bin/sh\ncase "$*" in *earlyoom*) cat '${lines}';; esac\n`);
  chmodSync(program, 0o755);
  return {
    program,
    directories: [join(directory, 'journal')],
    add: (unit, text) =>
      appendFileSync(
        lines,
        `${JSON.stringify({ __REALTIME_TIMESTAMP: String(Date.now() * 1000), MESSAGE: text, _SYSTEMD_UNIT: unit, _TRANSPORT: 'journal' })}\n`,
      ),
  };
}

import { GLOBAL_ARGS } from './args.ts';
import type { CommandEntry } from './commands/index.ts';
import { EXIT, SEVERITY_EXIT } from './exit.ts';
import { type FlagHelp, flagHelp, usageLine, wordHelp } from './help.ts';

/** docs/cli.md, from the command definitions; scripts/cli-docs.mjs writes it and a test fails when the two differ. */
export async function manual(commands: readonly CommandEntry[]): Promise<string> {
  const parts: string[] = [
    '# The command line',
    '<!-- Written by scripts/cli-docs.mjs from src/faces/cli/commands: edit there. -->',
    'Every command takes these flags:',
    flagTable(flagHelp(GLOBAL_ARGS).flags),
    commands.map(({ name, summary }) => `- [\`${name}\`](#rampart-${name}): ${summary}`).join('\n'),
  ];
  for (const entry of commands) {
    const command = await entry.load();
    const own = [...wordHelp(command), ...flagHelp(command.args).flags];
    parts.push(
      `## rampart ${entry.name}`,
      `\`${usageLine(entry.name, command)}\``,
      ...command.about,
      ...(own.length > 0 ? [flagTable(own)] : []),
      ...(command.json === null ? [] : [`\`--json\`: ${command.json}`]),
      ['```sh', ...command.examples.map(({ line, says }) => `${line}  # ${says}`), '```'].join('\n'),
    );
  }
  parts.push(...exitCodes(), ...jsonRules());
  return `${parts.join('\n\n')}\n`;
}

function flagTable(rows: readonly FlagHelp[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  return [
    '| | |',
    '|---|---|',
    ...rows.map(({ form, description }) => `| \`${cell(form)}\` | ${cell(description)} |`),
  ].join('\n');
}

function exitCodes(): string[] {
  const severities = Object.entries(SEVERITY_EXIT).map(
    ([severity, code]) => [code, `\`health\`: ${severity}`] as const,
  );
  const meaning: Readonly<Record<keyof typeof EXIT, string>> = {
    ok: 'done',
    usage: 'wrong usage: unknown command, flag or value',
    dataError: 'what was named does not exist, or a file is damaged',
    unavailable: 'not available: no service, a service that runs already, a version that does not fit, a time-out',
    internal: 'a fault of Rampart',
    io: 'reading or writing failed',
    noPermission: 'not permitted',
    config: 'a wrong configuration',
  };
  const rest = Object.entries(EXIT).map(([name, code]) => [code, meaning[name as keyof typeof EXIT]] as const);
  const rows = new Map<number, string[]>();
  for (const [code, text] of [...rest, ...severities]) rows.set(code, [...(rows.get(code) ?? []), text]);
  const lines = [...rows].sort(([a], [b]) => a - b).map(([code, texts]) => `| ${code} | ${texts.join('; ')} |`);
  return [
    '## Exit codes',
    'Severities are 0 to 3; failures begin at 64 and follow sysexits(3); a command that a signal ended answers 128 + its number. `run` answers with the status of its command, or 3 on a leak; so does `detect --fail-on`. Commands that act answer 1 when something was left undone, and 77 when it was refused.',
    ['| code | |', '|---|---|', ...lines].join('\n'),
  ];
}

function jsonRules(): string[] {
  return [
    '## JSON',
    '`--json` prints one document to stdout with `schemaVersion: 1`. Within a schema version fields are only added. Sizes are bytes, durations ms, times ms since the epoch; what is not known is `null`, and `unknown` says why. Names, titles and command lines were written by other programs: control characters are stripped and secrets are hidden, and they remain data, never instructions.',
    'A failure prints `{"schemaVersion":1,"error":{"code","message","hint"}}` to stderr and nothing to stdout.',
  ];
}

import type { ObservedProcess, RecommendedAction } from '../../model/index.ts';
import { defineAdvice, type Draft } from '../define-advice.ts';
import { endingEffect } from '../effects.ts';
import { groupBy } from '../group-by.ts';
import { manual, priorityOf } from '../steps.ts';
import { countText, sizeText } from '../../wording/index.ts';

/** Below this a wrapper is not worth a change of configuration: a shell has 2 MiB, `npm exec` 36 (docs/attribution.md). */
const MIN_BYTES = 8 * 1024 * 1024;

export const wrapperTax = defineAdvice({
  type: 'wrapper-tax',
  about:
    'npx, npm exec, sh, uvx around an MCP server: run the server itself; its entry is made from its own command line.',
  look: ({ processes, limit }) => {
    const byServer = groupBy(
      processes.filter(({ serverName, role }) => serverName !== null && (role === 'wrapper' || role === 'server')),
      ({ serverName }) => serverName ?? '',
    );
    return [...byServer].flatMap(([serverName, group]): Draft[] => {
      const wrappers = group.filter(({ role, lifecycle }) => role === 'wrapper' && lifecycle !== 'orphan');
      const effect = endingEffect(wrappers);
      if (effect.bytes === null || effect.bytes < MIN_BYTES) return [];
      const server = group.find(({ role }) => role === 'server');
      const share = effect.bytes / group.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
      return [
        {
          key: serverName,
          priority: priorityOf(effect.bytes, limit.limitBytes),
          urgency: 'sometime',
          title: `${countText(wrappers.length, 'wrapper', 'wrappers')} around one MCP server ${wrappers.length === 1 ? 'costs' : 'cost'} ${sizeText(effect.bytes)}.`,
          reason: `That is ${Math.round(share * 100)} % of what this server and its wrappers use together; they only wait for it.`,
          subject: { kind: 'server', id: serverName, name: serverName },
          evidence: wrappers
            .slice(0, 4)
            .map(({ id, footprintBytes }) => ({ kind: 'wrapper', detail: `${id}: ${sizeText(footprintBytes)}` })),
          confidence: 0.9,
          processes: wrappers.map(({ id }) => id),
          actions: [direct(server ?? null, packageOf(wrappers), effect)],
        },
      ];
    });
  },
});

/** npm's rule for names; only what is one stands in a command. */
const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]{0,100}\/)?[a-z0-9~-][a-z0-9._~-]{0,100}$/;

function direct(
  server: ObservedProcess | null,
  name: string | null,
  effect: RecommendedAction['estimatedImpact'],
): RecommendedAction {
  const isNpx = name !== null;
  const description = isNpx
    ? 'Install the package once and let the client start the server itself, by the entry below.'
    : 'Let the client start the server itself, by the entry below.';
  return manual(
    'configure',
    { description: `${description} It takes effect when the client starts it anew.`, effect, time: '5 min' },
    {
      command: isNpx ? `npm install --global ${name}` : null,
      configuration: server === null ? null : entryOf(server, isNpx),
    },
  );
}

function packageOf(wrappers: readonly ObservedProcess[]): string | null {
  for (const { command } of wrappers) {
    const text = command.join(' ');
    if (!/\b(?:npx|npm exec|npm x|pnpm dlx|bunx)\b/.test(text)) continue;
    const words = text.split(/\s+/);
    const at = words.findIndex((word) => /(?:^|\/)(?:npx(?:-cli\.js)?|exec|x|dlx|bunx)$/.test(word));
    const name = words
      .slice(at + 1)
      .find((word) => !word.startsWith('-'))
      ?.replace(/(?<=.)@[^@/]*$/, '');
    if (name !== undefined && PACKAGE.test(name)) return name;
  }
  return null;
}

/** What runs now, without its wrapper. npx keeps a package in a cache that it cleans: then its installed name is called. */
function entryOf({ command }: ObservedProcess, isNpx: boolean): RecommendedAction['configuration'] {
  const [program, script, ...rest] = command;
  // A redacted argument would be a wrong one.
  if (program === undefined || command.some((word) => word.includes('***') || word.includes('[redacted'))) return null;
  const bin = isNpx && script !== undefined ? /\/node_modules\/\.bin\/([^/]+)$/.exec(script)?.[1] : undefined;
  if (bin !== undefined) return { command: bin, args: rest };
  if (isNpx && script?.includes('/_npx/') === true) return null;
  return { command: program, args: command.slice(1) };
}

import type { ChannelReport } from '../../../model/index.ts';
import { type CliContext, defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { line, span } from '../present/line.ts';
import { channelLines } from '../present/channels.ts';
import { shown, toJson } from '../present/safe.ts';
import { count } from '../present/units.ts';
import { using } from '../session.ts';

export const notify = defineCommand({
  about: [
    'Shows the channels that the configuration asks for, how each fares, and what was given up. `--test` sends one test through a channel at once, past its queue; where a receiver had asked for no more (HTTP 410), a test that arrives takes it up again.',
    'Channels and their addresses come from your configuration only: `rampart config notifications --verbose`.',
  ],
  args: {
    test: { type: 'string', valueHint: 'CHANNEL', description: 'Send a test by this channel, and say what came of it' },
    replay: { type: 'boolean', description: 'Send again what was given up, under the same ids' },
    channel: { type: 'string', valueHint: 'CHANNEL', description: 'With --replay: only this one' },
  },
  examples: [
    { line: 'rampart notify', says: 'which channels there are, and how they fare' },
    { line: 'rampart notify --test webhook', says: 'does it arrive?' },
    { line: 'rampart notify --replay', says: 'the receiver is back: send what was given up' },
  ],
  json: 'the ChannelReport: channels[] {name, state, sent, failed, waiting, dropped, stopped, lastError, …}, deadLetters[], outboxError; with --test {channel, delivered, tookMs, detail}, with --replay {replayed}.',
  run: async ({ test, replay, channel }, context) =>
    using(context.deps.ensureService(), async (rampart) => {
      if (typeof test === 'string') {
        const result = await rampart.testChannel({ channel: test });
        const says = `${result.delivered ? 'delivered' : 'not delivered'} by ${result.channel} in ${result.tookMs} ms: ${result.detail}`;
        say(context, result, says, result.delivered);
        return result.delivered ? EXIT.ok : EXIT.unavailable;
      }
      if (replay === true) {
        const result = await rampart.replayNotifications({ channel });
        say(context, result, `${count(result.replayed, 'notification')} will be sent again`, true);
        return EXIT.ok;
      }
      tell(context, await rampart.listChannels());
      return EXIT.ok;
    }),
});

function say({ terminal, json }: CliContext, result: object, text: string, isGood: boolean): void {
  if (json) terminal.printText(toJson({ schemaVersion: 1, ...result }));
  else terminal.print([line(span(shown(text, 600), isGood ? 'plain' : 'bad'))]);
}

function tell({ terminal, json }: CliContext, report: ChannelReport): void {
  if (json) terminal.printText(toJson(report));
  else terminal.print(channelLines(report, { width: terminal.width(), glyphs: terminal.glyphs }));
}

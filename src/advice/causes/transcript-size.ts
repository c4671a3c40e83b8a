import { defineAdvice } from '../define-advice.ts';
import { unknownEffect } from '../effects.ts';
import { manual } from '../steps.ts';
import { sizeText, timeText } from '../../wording/index.ts';

const MIB = 1024 * 1024;
/** Read on resume, a transcript takes two to four times its size: from here on half a gigabyte for a moment. */
const LARGE = 128 * MIB;
/** V8's longest string is 2^29 − 24 characters: whoever reads such a file as one fails. */
const STRING_LIMIT = 512 * MIB - 24;

export const transcriptSize = defineAdvice({
  type: 'transcript-size',
  about: 'Transcripts that are too large to resume: begin a new session from a summary, move the old file away.',
  look: ({ files, atMs }) =>
    files
      .filter(({ kind, bytes }) => kind === 'transcript' && bytes >= LARGE)
      .map((file) => {
        const isOver = file.bytes >= STRING_LIMIT;
        const untilMs =
          file.ratePerHourBytes !== null && file.ratePerHourBytes > 0
            ? ((STRING_LIMIT - file.bytes) / file.ratePerHourBytes) * 3_600_000
            : null;
        const soon = !isOver && untilMs !== null ? ` At its present growth that is in ${timeText(untilMs)}.` : '';
        return {
          key: file.path,
          priority: isOver ? ('high' as const) : ('medium' as const),
          urgency: isOver ? ('today' as const) : ('sometime' as const),
          title: `A transcript has ${sizeText(file.bytes)}: resuming it ${isOver ? 'may fail' : 'needs a multiple of that'}.`,
          reason: `From ${sizeText(STRING_LIMIT)} on, a program that reads it whole into one string cannot.${soon}`,
          subject: { kind: 'file' as const, id: file.path, name: file.path },
          evidence: [{ kind: 'file-size', detail: `${sizeText(file.bytes)} at ${new Date(atMs).toISOString()}` }],
          confidence: isOver ? 0.9 : 0.7,
          processes: [],
          actions: [
            manual('configure', {
              description: 'Let the agent write a summary, begin a new session with it, and do not resume this one.',
              effect: unknownEffect('a file uses memory only when it is read'),
              time: '5 min',
            }),
          ],
        };
      }),
});

import { type DetectorSample, RampartError } from '../../model/index.ts';
import { createLineReader } from './lines.ts';
import { type Format, formatOf } from './parse-row.ts';

/** What was found besides samples. */
export interface TraceNotes {
  /** Names of columns that mean nothing to us. */
  readonly ignored: readonly string[];
  /** Lines that are no row of figures, and the first of them. */
  readonly malformed: number;
  readonly firstMalformedLine: number | null;
  /** The last line was cut off, as after a crash: it was left out. */
  readonly torn: boolean;
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
/** UTF-16 and binary files. */
const NO_TEXT = /\0|^(?:\u00ff\u00fe|\u00fe\u00ff)/;

/**
 * Reads a recording in bounded memory: CSV or JSON lines, in chunks as they come. `onSamples` gets the samples of one chunk;
 * they are as the file has them, NaN where it does not know. Fails with `corrupt`, naming `file:line`, when it is no table.
 */
export async function readTrace(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  onSamples: (samples: readonly DetectorSample[]) => void,
): Promise<TraceNotes> {
  let format = null as Format | null;
  let samples: DetectorSample[] = [];
  let read = 0;
  let malformed = 0;
  let firstMalformedLine = null as number | null;
  let torn = false;

  const row = (text: string | null, line: number, last: boolean): void => {
    const sample = text === null ? null : format?.parse(text);
    if (sample !== null && sample !== undefined) {
      samples.push(sample);
      return;
    }
    if (last) torn = true;
    else {
      malformed += 1;
      firstMalformedLine ??= line;
    }
  };
  const reader = createLineReader((raw, line, last) => {
    const text = raw !== null && line === 1 && raw.startsWith(BYTE_ORDER_MARK) ? raw.slice(3) : raw;
    if (text !== null && text.trim() === '') return;
    if (format !== null) return row(text, line, last);
    if (text === null || NO_TEXT.test(text)) throw noText(`${file}:${line}`);
    format = formatOf(text.trim(), `${file}:${line}`);
    if (format.startsWithRow) row(text, line, last);
  });
  const flush = (): void => {
    if (samples.length === 0) return;
    read += samples.length;
    onSamples(samples);
    samples = [];
  };
  for await (const chunk of chunks) {
    reader.push(chunk);
    flush();
  }
  reader.end();
  flush();
  if (read === 0 && firstMalformedLine !== null) {
    throw new RampartError(
      'corrupt',
      `${file}:${firstMalformedLine}: no row of figures, nor any other line`,
      'Is it a recording? `rampart record` writes one.',
    );
  }
  const { ignored } = format ?? { ignored: [] };
  return { ignored, malformed, firstMalformedLine, torn };
}

function noText(place: string): RampartError {
  return new RampartError(
    'corrupt',
    `${place}: not a text file with rows`,
    'A recording is CSV or JSON lines in ASCII or UTF-8. `rampart record` writes one.',
  );
}

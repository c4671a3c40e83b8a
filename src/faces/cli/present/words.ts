import type { CheckLevel, Lifecycle, ProcessReport, SessionReport, Severity } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone } from './line.ts';
import { shown } from './safe.ts';

/** The words and marks that every view shares, so that one thing looks the same everywhere. */

const SEVERITY_TONE: Readonly<Record<Severity, Tone>> = {
  ok: 'good',
  warning: 'warn',
  critical: 'bad',
  emergency: 'bad',
};

export function severityTone(severity: Severity): Tone {
  return SEVERITY_TONE[severity];
}

export function levelMark(level: CheckLevel, glyphs: Glyphs): Line {
  if (level === 'ok') return line(span(glyphs.ok, 'good'));
  if (level === 'info') return line(span(glyphs.info, 'dim'));
  if (level === 'warning') return line(span(glyphs.warning, 'warn'));
  return line(span(glyphs.critical, 'bad'));
}

/** Those that cost memory and do nobody any good; the reader's eye should find them. */
const TROUBLE: ReadonlySet<Lifecycle> = new Set(['orphan', 'duplicate', 'stale', 'zombie', 'retained']);

export function isTrouble(verdict: Lifecycle): boolean {
  return TROUBLE.has(verdict);
}

/** Of the processes of no session: those in trouble and those that agents brought. Rampart has a line of its own. */
export function isNotable(process: ProcessReport, ownPid: number): boolean {
  if (process.pid === ownPid) return false;
  return isTrouble(process.verdict) || process.client !== null || process.serverName !== null;
}

function verdictTone(verdict: Lifecycle): Tone {
  if (verdict === 'busy') return 'good';
  if (verdict === 'orphan' || verdict === 'zombie') return 'bad';
  if (isTrouble(verdict)) return 'warn';
  return 'dim';
}

/** `● busy`, `▲ orphan`: the word says it, the mark and colour only help. */
export function verdictLine(verdict: Lifecycle, glyphs: Glyphs): Line {
  const mark = isTrouble(verdict) ? glyphs.warning : verdict === 'busy' ? glyphs.ok : glyphs.info;
  return line(span(`${mark} ${verdict}`, verdictTone(verdict)));
}

/** Short form of an id that people can still tell apart. */
export function shortId(id: string): string {
  const clean = shown(id);
  return /^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(clean) ? clean.slice(0, 8) : clean;
}

export function sessionName(session: SessionReport): string {
  if (session.name !== null) return shown(session.name);
  if (session.cwd !== null) return shown(session.cwd.split(/[\\/]/).findLast((part) => part !== '') ?? session.cwd);
  return shortId(session.sessionId);
}

export function processName(process: ProcessReport): string {
  const name = process.role === 'agent' ? (process.client ?? process.name) : (process.serverName ?? process.name);
  return shown(name) || `pid ${process.pid}`;
}

/** `npx`, `sh`, `npm`: what a wrapper is, from its command line; its name is that of the server inside. */
export function wrapperName(process: ProcessReport): string {
  const [program = '', script = ''] = process.command.split(' ').map((word) => word.split(/[\\/]/).at(-1) ?? '');
  const word = /^(?:node|bun|deno)$/.test(program) && script !== '' ? script : program;
  return shown(word.replace(/(?:-cli)?\.[cm]?js$/, '')) || shown(process.name);
}

import type { CaptureReport, Culprit, InspectReport } from '../../model/index.ts';
import { sizeText } from '../../wording/index.ts';

/** One or two sentences of our own: figures, never names that the program chose. */
export function inspectSummary(report: Omit<InspectReport, 'summary'>): string {
  const { split, heaps, collection, culprits, gc, inspectability, process } = report;
  const said: string[] = [];
  if (heaps !== null) {
    const used = heaps.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
    const external = heaps.reduce((sum, { externalBytes }) => sum + (externalBytes ?? 0), 0);
    const isolates = heaps.length === 1 ? 'its heap' : `its ${heaps.length} heaps`;
    said.push(`${sizeText(used)} used in ${isolates}, ${sizeText(external)} outside (Buffers and such)`);
  } else if (split !== null) {
    const v8 = split.v8Bytes === null ? '' : `${sizeText(split.v8Bytes)} of V8, `;
    said.push(`${v8}${sizeText(split.otherAnonymousBytes)} other, ${sizeText(split.fileBytes)} of files`);
  }
  if (collection !== null) {
    said.push(`a full collection freed ${sizeText(collection.freedBytes)} in ${collection.pauseMs} ms`);
  }
  if (gc !== null) said.push(`${(gc.share * 100).toFixed(1)} % of the time went into collections`);
  if (culprits !== null) said.push(culpritText(culprits));
  if (heaps === null) said.push(`not looked inside: ${report.unknown['heaps'] ?? inspectability.reason}`);
  return `Process ${process.id}: ${said.join('; ')}.`;
}

export function captureSummary(report: Omit<CaptureReport, 'summary'>, spanMs: number | null): string {
  const { kind, process, bytes, pauseMs, growth, inspection } = report;
  if (kind === 'light') return inspection?.summary ?? `Process ${process.id}: kept.`;
  const kept = `Heap snapshot of ${process.id}: ${sizeText(bytes ?? 0)} on disk; it stood still for ${((pauseMs ?? 0) / 1000).toFixed(1)} s.`;
  if (kind === 'snapshot') return kept;
  const grown = growth.reduce((sum, { bytesAfter, bytesBefore }) => sum + bytesAfter - bytesBefore, 0);
  const since = spanMs === null ? '' : ` in ${Math.round(spanMs / 1000)} s`;
  return `${kept} Since the earlier one, ${growth.length} classes grew by ${sizeText(grown)}${since}.`;
}

function culpritText(culprits: readonly Culprit[]): string {
  const first = culprits[0];
  if (first === undefined) return 'nothing that was allocated meanwhile is kept';
  return `one function keeps ${(first.share * 100).toFixed(0)} % of what grew (${sizeText(first.growthBytes)})`;
}

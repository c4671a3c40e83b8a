import type { Clock } from '../../model/index.ts';
import type { Audit, AuditRecord } from './audit.ts';

/**
 * Actions that a crash broke off: begun, and never finished. Each gets its last line, so that nobody takes it for done; what
 * was signalled stands above it. Called once, by whoever opens the log, before anything new is begun.
 */
export function closeInterrupted(audit: Audit, clock: Clock): void {
  const open = new Map<string, AuditRecord>();
  const signalled = new Map<string, number>();
  for (const record of audit.read().records) {
    if (record.event === 'started') open.set(record.id, record);
    if (record.event === 'finished') open.delete(record.id);
    if (record.event === 'signal') signalled.set(record.id, (signalled.get(record.id) ?? 0) + 1);
  }
  for (const { id, action, origin } of open.values()) {
    const detail = `Broken off: the service ended in the middle; ${signalled.get(id) ?? 0} signals were sent until then.`;
    audit.write({ atMs: clock.nowMs(), id, event: 'finished', action, origin, process: null, detail });
  }
}

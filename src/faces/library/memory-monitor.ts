import type { AdviceReport, Alert, LeakFinding, RampartEvent, Severity, StatusReport } from '../../model/index.ts';
import type { Embedded } from '../../service/embedded/index.ts';
import type { SelfSample } from '../../sources/index.ts';
import { View } from './view.ts';

export interface MemoryReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly process: SelfSample;
  /** Verdict on this process, by its live set after collections. */
  readonly leak: LeakFinding;
  readonly severity: Severity;
  readonly alerts: readonly Alert[];
  readonly advice: AdviceReport;
  readonly status: StatusReport;
}

/** This process from inside, and the machine around it. Events: `sample` (a look at this process), `severity`. */
export class MemoryMonitor extends View {
  protected override onOpen(engine: Embedded): void {
    engine.onSample((sample) => this.emit('sample', sample));
  }

  protected override onEvent(event: RampartEvent): void {
    if (event.type === 'severity') this.emit('severity', event);
  }

  /** V8 heap, collections and resident memory of this process, now. Sizes in bytes. */
  getCurrentMetrics(): SelfSample {
    return this.core.engine().sample();
  }

  /** Earlier looks, oldest first; at most `historySize`. */
  getHistory(): readonly SelfSample[] {
    return [...this.core.engine().samples()];
  }

  /** Everything at once. Reads PSS of agents' processes anew, within 0.4 s of CPU. */
  async generateMemoryReport(): Promise<MemoryReport> {
    const { rampart, sample, leak } = this.core.engine();
    const [status, { alerts }, advice] = await Promise.all([
      rampart.status(),
      rampart.listAlerts({ state: 'active' }),
      rampart.recommend({}),
    ]);
    const { atMs, severity } = status;
    return { schemaVersion: 1, atMs, process: sample(), leak: leak(), severity, alerts, advice, status };
  }
}

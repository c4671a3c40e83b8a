import type { RampartEvent } from '../../model/index.ts';
import type { MemoryOptions } from './core.ts';
import { MemoryAlertSystem } from './memory-alert-system.ts';
import { MemoryMonitor, type MemoryReport } from './memory-monitor.ts';
import { MemoryOptimizationEngine } from './memory-optimization-engine.ts';
import { MemoryPerformanceDashboard } from './memory-performance-dashboard.ts';
import { SessionMemoryAnalyzer } from './session-memory-analyzer.ts';
import { View } from './view.ts';

export type { MemoryOptions } from './core.ts';
export type { MemoryReport } from './memory-monitor.ts';
export {
  MemoryAlertSystem,
  MemoryMonitor,
  MemoryOptimizationEngine,
  MemoryPerformanceDashboard,
  SessionMemoryAnalyzer,
};

/**
 * All views over one engine in this process. Their events are its own too: `alert:warning|critical|emergency`,
 * `optimization:automated`, `session:completed`.
 */
export class MemoryMonitoring extends View {
  readonly monitor = new MemoryMonitor(this);
  readonly alertSystem = new MemoryAlertSystem(this);
  readonly optimizationEngine = new MemoryOptimizationEngine(this);
  readonly sessionAnalyzer = new SessionMemoryAnalyzer(this);
  readonly dashboard = new MemoryPerformanceDashboard(this);

  override async start(): Promise<void> {
    // All at once: the first look may raise an alert, and every view is to hear it.
    await Promise.all([super.start(), ...this.#views().map((view) => view.start())]);
  }

  override async stop(): Promise<void> {
    await Promise.all(this.#views().map((view) => view.stop()));
    await super.stop();
  }

  protected override onEvent(event: RampartEvent): void {
    if (event.type === 'alert' && (event.change === 'fired' || event.change === 'escalated')) {
      this.emit(`alert:${event.alert.level}`, event.alert);
    } else if (event.type === 'outcome' && event.outcome.origin === 'automation') {
      this.emit('optimization:automated', event.outcome);
    } else if (event.type === 'session:ended') {
      const { sessionId, client, atMs } = event;
      this.emit('session:completed', { sessionId, client, atMs });
    }
  }

  generateMemoryReport(): Promise<MemoryReport> {
    return this.monitor.generateMemoryReport();
  }

  exportDashboardData(format: 'json' | 'csv' = 'json'): Promise<string> {
    return this.dashboard.exportDashboardData(format);
  }

  #views(): readonly View[] {
    return [this.monitor, this.alertSystem, this.optimizationEngine, this.sessionAnalyzer, this.dashboard];
  }
}

/**
 * Prepares monitoring inside this process; `start()` begins it. Throws `RampartError('bad-config')` for an option that is
 * not known or wrong.
 */
export function initializeMemoryMonitoring(options: MemoryOptions = {}): MemoryMonitoring {
  return new MemoryMonitoring(options);
}

/** The same, started. */
export async function quickSetup(options: MemoryOptions = {}): Promise<MemoryMonitoring> {
  const monitoring = initializeMemoryMonitoring(options);
  await monitoring.start();
  return monitoring;
}

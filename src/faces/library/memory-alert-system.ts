import type { Alert, AlertLevel, AlertReport, RampartEvent } from '../../model/index.ts';
import { View } from './view.ts';

/**
 * Alerts by the rules of docs/alerts.md. Events: `alert:warning`, `alert:critical`, `alert:emergency` when one fires or gets
 * worse, `alert:resolved`, `alert:acknowledged`; each with the `Alert`.
 */
export class MemoryAlertSystem extends View {
  protected override onEvent(event: RampartEvent): void {
    if (event.type !== 'alert') return;
    const { change, alert } = event;
    if (change === 'fired' || change === 'escalated') this.emit(`alert:${alert.level}`, alert);
    else this.emit(`alert:${change}`, alert);
  }

  /** What fires or is about to, worst first. */
  getActiveAlerts(level?: AlertLevel): Promise<AlertReport> {
    return this.core.engine().rampart.listAlerts({ state: 'active', level });
  }

  /** The alert fires on, and nobody is told again until it gets worse. Throws `RampartError('not-found')`. */
  acknowledgeAlert(id: string, by = 'library'): Promise<Alert> {
    return this.core.engine().rampart.acknowledgeAlert({ id, by });
  }
}

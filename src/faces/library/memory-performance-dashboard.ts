import { RampartError } from '../../model/index.ts';
import type { SelfSample } from '../../sources/index.ts';
import { View } from './view.ts';

const COLUMNS = [
  'atMs',
  'rssBytes',
  'heapUsedBytes',
  'heapTotalBytes',
  'heapLimitBytes',
  'externalBytes',
  'arrayBuffersBytes',
  'gcCount',
  'gcPauseMs',
  'heapUsedAfterMajorGcBytes',
] as const satisfies readonly (keyof SelfSample)[];

/** What a page about this process shows, as data. The page itself is not there yet. */
export class MemoryPerformanceDashboard extends View {
  /** 'json': current figures, history, alerts, recommendations · 'csv': history only. Sizes in bytes, times in ms. */
  async exportDashboardData(format: 'json' | 'csv' = 'json'): Promise<string> {
    const { rampart, sample, samples } = this.core.engine();
    if (format === 'csv') {
      const rows = samples().map((one) => COLUMNS.map((column) => one[column] ?? '').join(','));
      return `${[COLUMNS.join(','), ...rows].join('\n')}\n`;
    }
    if (format !== 'json')
      throw new RampartError('bad-input', `the format is '${String(format)}'`, 'Valid: json, csv.');
    const [{ alerts }, { recommendations }] = await Promise.all([rampart.listAlerts({}), rampart.recommend({})]);
    return JSON.stringify({ schemaVersion: 1, current: sample(), history: samples(), alerts, recommendations });
  }
}

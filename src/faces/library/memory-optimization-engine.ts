import type { AdviceQuery, AdviceReport, LearnedReport, Outcome, RampartEvent } from '../../model/index.ts';
import { View } from './view.ts';

/**
 * Recommendations, what was learned of them, and actions on this very process. Events: `optimization:automated` with the
 * `Outcome` of an automatic action (off unless `autoOptimization` or `actionTriggers.autoGC` is on),
 * `optimization:completed` with that of any other.
 */
export class MemoryOptimizationEngine extends View {
  protected override onEvent(event: RampartEvent): void {
    if (event.type !== 'outcome') return;
    const { outcome } = event;
    this.emit(outcome.origin === 'automation' ? 'optimization:automated' : 'optimization:completed', outcome);
  }

  /** What to do now, best first. */
  generateRecommendations(query: AdviceQuery = {}): Promise<AdviceReport> {
    return this.core.engine().rampart.recommend(query);
  }

  /** Collects garbage or clears registered caches in this process, and measures what that changed. */
  optimize(action: 'force_gc' | 'compact_heap' | 'clear_caches' = 'force_gc'): Promise<Outcome> {
    return this.core.engine().optimize(action);
  }

  learned(): Promise<LearnedReport> {
    return this.core.engine().rampart.learned({});
  }
}

import type { RampartEvent, SessionReport } from '../../model/index.ts';
import { View } from './view.ts';

/** Agent sessions on this machine. Events: `session:started`, `session:completed` with `{ sessionId, client, atMs }`. */
export class SessionMemoryAnalyzer extends View {
  protected override onEvent(event: RampartEvent): void {
    if (event.type !== 'session:started' && event.type !== 'session:ended') return;
    const { sessionId, client, atMs } = event;
    this.emit(event.type === 'session:ended' ? 'session:completed' : event.type, { sessionId, client, atMs });
  }

  /** The bill of each live session: PSS + swap of its whole tree. */
  async analyzeSessions(): Promise<readonly SessionReport[]> {
    return (await this.core.engine().rampart.status()).sessions;
  }
}

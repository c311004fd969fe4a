import { BEAT_INTERVAL_MS, MISSED_BEATS } from './channel-options.js';

/** Beats, and notices when the peer has stopped beating: a stopped process keeps its sockets open. */
export class BeatMonitor {
  private silentIntervals = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(beat: () => void, onSilent: () => void) {
    this.timer = setInterval(() => {
      this.silentIntervals += 1;
      if (this.silentIntervals > MISSED_BEATS) onSilent();
      else beat();
    }, BEAT_INTERVAL_MS);
  }

  /** Any message counts as a beat. */
  heard(): void {
    this.silentIntervals = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

import type { Answer } from './caller.js';
import { Latencies } from './latencies.js';
import type { LoadResult } from './load-order.js';

/** Counts the answers of one order. */
export class Tally {
  private readonly latencies = new Latencies();
  private readonly beganAtMs = performance.now();
  private complete = 0;
  private broken = 0;
  private problem: string | undefined;

  /** `dueAtMs` is when the request should have left, which is when a caller would have begun to wait. */
  count(answer: Answer, dueAtMs: number): void {
    if (answer.complete && answer.firstTokenAtMs !== undefined) {
      this.complete += 1;
      this.latencies.add(answer.firstTokenAtMs - dueAtMs);
    } else {
      this.broken += 1;
      this.problem ??= answer.problem;
    }
  }

  result(): LoadResult {
    const { complete, broken, problem } = this;
    const seconds = (performance.now() - this.beganAtMs) / 1_000;
    const latencyMs = this.latencies.spread();
    return { complete, broken, ...(problem !== undefined && { problem }), seconds, latencyMs };
  }
}

import { build, type Histogram } from 'hdr-histogram-js';
import type { Spread } from './load-order.js';

const MICROSECONDS = 1_000;
const LONGEST_MICROSECONDS = 600_000_000;

/** Collects durations and tells their percentiles. */
export class Latencies {
  private readonly histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_MICROSECONDS,
    numberOfSignificantValueDigits: 3,
  });

  add(milliseconds: number): void {
    this.histogram.recordValue(Math.max(0, Math.round(milliseconds * MICROSECONDS)));
  }

  spread(): Spread {
    const at = (percentile: number) => this.histogram.getValueAtPercentile(percentile) / MICROSECONDS;
    return { p50: at(50), p99: at(99), max: this.histogram.maxValue / MICROSECONDS };
  }
}

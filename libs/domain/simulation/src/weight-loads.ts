import type { LoadSpeeds, SimulatedModel } from './scenario.js';

/** How long loads on one runner take. Owns what the memory of its host keeps and when its disk is free. */
export class WeightLoads {
  /** Bytes by model, the least recently loaded first. */
  private readonly cached = new Map<number, number>();
  private cachedBytes = 0;
  private diskFreeAtSeconds = 0;

  constructor(private readonly speeds: LoadSpeeds) {}

  /** How long a load that begins now would take. */
  expectedSeconds(model: number, { weightsBytes }: SimulatedModel, nowSeconds: number): number {
    const { vramBytesPerSecond, diskBytesPerSecond, processStartSeconds } = this.speeds;
    const moveSeconds = weightsBytes / vramBytesPerSecond;
    if (this.cached.has(model)) return processStartSeconds + moveSeconds;
    const readSeconds = Math.max(0, this.diskFreeAtSeconds - nowSeconds) + weightsBytes / diskBytesPerSecond;
    return processStartSeconds + Math.max(moveSeconds, readSeconds);
  }

  /** Begins a load and says how long it takes. */
  begin(model: number, of: SimulatedModel, nowSeconds: number): number {
    const seconds = this.expectedSeconds(model, of, nowSeconds);
    if (!this.cached.has(model)) {
      const readsFrom = Math.max(this.diskFreeAtSeconds, nowSeconds);
      this.diskFreeAtSeconds = readsFrom + of.weightsBytes / this.speeds.diskBytesPerSecond;
    }
    this.keep(model, of.weightsBytes);
    return seconds;
  }

  /** Puts weights into the host's memory without a load, as a fleet that has run for long has them there. */
  keep(model: number, bytes: number): void {
    if (this.cached.delete(model)) this.cachedBytes -= bytes;
    if (bytes > this.speeds.hostCacheBytes) return;
    this.cached.set(model, bytes);
    this.cachedBytes += bytes;
    for (const [oldest, oldestBytes] of this.cached) {
      if (this.cachedBytes <= this.speeds.hostCacheBytes) return;
      this.cached.delete(oldest);
      this.cachedBytes -= oldestBytes;
    }
  }
}

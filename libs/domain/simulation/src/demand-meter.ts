import type { QueueDemand } from '@millrace/domain/placement';
import type { SimulatedModel } from './scenario.js';
import type { WaitingRequests } from './waiting-requests.js';
import type { SimulatedRequest } from './workload.js';

/** Arrivals fade from the count by 1/e in so long. */
const MEMORY_SECONDS = 120;

interface Arrivals {
  count: number;
  promptTokens: number;
  generatedTokens: number;
  atSeconds: number;
}

/** How fast requests come for each model, as the queues count them. Owns the counts. */
export class DemandMeter {
  private readonly arrivals: Arrivals[];

  constructor(private readonly models: readonly SimulatedModel[]) {
    this.arrivals = models.map(() => ({ count: 0, promptTokens: 0, generatedTokens: 0, atSeconds: 0 }));
  }

  /** Begins as if such requests had come for long. */
  expect(model: number, of: { perSecond: number; promptTokens: number; generatedTokens: number }): void {
    const arrivals = this.arrivals[model];
    if (arrivals === undefined) return;
    arrivals.count = MEMORY_SECONDS * of.perSecond;
    arrivals.promptTokens = arrivals.count * of.promptTokens;
    arrivals.generatedTokens = arrivals.count * of.generatedTokens;
  }

  hear({ model, atSeconds, contextTokens, generatedTokens }: SimulatedRequest): void {
    const arrivals = this.arrivals[model];
    if (arrivals === undefined) return;
    this.fade(arrivals, atSeconds);
    arrivals.count += 1;
    arrivals.promptTokens += contextTokens;
    arrivals.generatedTokens += generatedTokens;
  }

  demandOf(
    model: number,
    about: { deploymentId: string; waiting: WaitingRequests; nowSeconds: number },
  ): QueueDemand | undefined {
    const arrivals = this.arrivals[model];
    const of = this.models[model];
    if (arrivals === undefined || of === undefined) return undefined;
    const { deploymentId, waiting, nowSeconds } = about;
    this.fade(arrivals, nowSeconds);
    return {
      deploymentId,
      waitingJobs: waiting.jobs(model),
      waitingTokens: waiting.waitingTokens(model),
      oldestWaitMs: 1_000 * waiting.oldestWaitSeconds(model, nowSeconds),
      arrivalsPerSecond: arrivals.count / MEMORY_SECONDS,
      arrivalTokensPerSecond: (arrivals.promptTokens + arrivals.generatedTokens) / MEMORY_SECONDS,
      replicaTokensPerSecond: replicaTokensPerSecond(of, arrivals),
    };
  }

  private fade(arrivals: Arrivals, nowSeconds: number): void {
    const kept = Math.exp((arrivals.atSeconds - nowSeconds) / MEMORY_SECONDS);
    arrivals.count *= kept;
    arrivals.promptTokens *= kept;
    arrivals.generatedTokens *= kept;
    arrivals.atSeconds = nowSeconds;
  }
}

/** What a replica with all slots in use serves of such requests, as a fleet has measured it. */
function replicaTokensPerSecond(model: SimulatedModel, { count, promptTokens, generatedTokens }: Arrivals): number {
  const tokens = promptTokens + generatedTokens;
  if (tokens <= 0) return 0;
  const atOnce = Math.min(model.slots, (model.kvCacheBytes / model.kvBytesPerToken / tokens) * count);
  const sequences = Math.max(1, atOnce);
  const stepSeconds = model.decodeSecondsBase + model.decodeSecondsPerSequence * sequences;
  return tokens / (promptTokens / model.prefillTokensPerSecond + (generatedTokens * stepSeconds) / sequences);
}

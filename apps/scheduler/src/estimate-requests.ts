import { randomUUID } from 'node:crypto';
import type { EstimateOutcome } from '@millrace/adapters/postgres';
import {
  EstimateBasis as BasisMessage,
  type EstimateFootprint,
  type FootprintEstimate,
} from '@millrace/contracts/runner-protocol';
import type { EstimateBasis } from '@millrace/domain/footprint';
import type { EstimateWish, FootprintKey } from '@millrace/domain/placement';
import { toSpecMessage } from './assignments-message.js';

/** An answer may wait for weights to be downloaded. */
const ANSWER_TIMEOUT_MS = 600_000;

interface Asked {
  footprint: FootprintKey;
  runnerId: string;
  askedAtMs: number;
}

export interface EstimatePorts {
  /** False when the runner is not connected to this process: then another one asks it. */
  send(runnerId: string, request: EstimateFootprint): boolean;
  record(footprint: FootprintKey, estimate: EstimateOutcome): Promise<void>;
  monotonicMs?: () => number;
}

/** The dry runs that runners of this process are asked for. Owns which are under way. */
export class EstimateRequests {
  private readonly asked = new Map<string, Asked>();
  private readonly monotonicMs: () => number;

  constructor(private readonly ports: EstimatePorts) {
    this.monotonicMs = ports.monotonicMs ?? (() => performance.now());
  }

  /** Asks for those that are not under way. */
  request(wanted: readonly EstimateWish[]): void {
    for (const wish of wanted.filter(({ footprint }) => !this.isUnderWay(footprint))) {
      const estimateId = randomUUID();
      const { footprint, runnerId, spec } = wish;
      const sent = this.ports.send(runnerId, {
        estimateId,
        spec: toSpecMessage(spec),
        deviceType: footprint.deviceType,
        deviceCount: footprint.deviceCount ?? 1,
        offloaded: footprint.offloaded ?? false,
      });
      if (sent) this.asked.set(estimateId, { footprint, runnerId, askedAtMs: this.monotonicMs() });
    }
  }

  /** Records an answer; one that nobody waits for is dropped. */
  async answer(estimate: FootprintEstimate): Promise<void> {
    const asked = this.asked.get(estimate.estimateId);
    if (asked === undefined) return;
    try {
      await this.ports.record(asked.footprint, toOutcome(estimate));
    } finally {
      this.asked.delete(estimate.estimateId);
    }
  }

  /** The runner is gone; others, or itself when it returns, are asked again. */
  forget(runnerId: string): void {
    for (const [estimateId, asked] of this.asked) if (asked.runnerId === runnerId) this.asked.delete(estimateId);
  }

  private isUnderWay(footprint: FootprintKey): boolean {
    const oldestMs = this.monotonicMs() - ANSWER_TIMEOUT_MS;
    return [...this.asked.values()].some(
      (asked) =>
        asked.askedAtMs > oldestMs &&
        asked.footprint.artifact === footprint.artifact &&
        asked.footprint.engine === footprint.engine &&
        asked.footprint.settings === footprint.settings &&
        asked.footprint.deviceType === footprint.deviceType &&
        asked.footprint.deviceCount === footprint.deviceCount &&
        asked.footprint.offloaded === footprint.offloaded,
    );
  }
}

function toOutcome(estimate: FootprintEstimate): EstimateOutcome {
  if (estimate.error !== '') return { outcome: 'failed', failure: estimate.error };
  const { weightsBytes, kvBytes, computeBytes, overheadBytes, contextLength, slots, engineVersion } = estimate;
  const breakdown = { weightsBytes, kvBytes, computeBytes, overheadBytes };
  return { outcome: 'known', basis: toBasis(estimate.basis), engineVersion, breakdown, contextLength, slots };
}

function toBasis(basis: BasisMessage): EstimateBasis {
  switch (basis) {
    case BasisMessage.ESTIMATE_BASIS_FORMULA:
      return 'formula';
    case BasisMessage.ESTIMATE_BASIS_CLAIMED:
      return 'claimed';
    case BasisMessage.ESTIMATE_BASIS_ENGINE_DRY_RUN:
    case BasisMessage.ESTIMATE_BASIS_UNSPECIFIED:
    case BasisMessage.UNRECOGNIZED:
      // An older runner did nothing but dry runs.
      return 'engine_dry_run';
  }
}

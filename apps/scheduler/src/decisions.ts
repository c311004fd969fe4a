import type { SchedulerDecision } from '@millrace/adapters/postgres';
import { signedError } from '@millrace/domain/footprint';
import type { Measurement, PassedOver, Plan, Start, Unplaced } from '@millrace/domain/placement';

/** Turns plans into lines of the log. Remembers what it said of each unmet wish, and says it once. */
export class DecisionLog {
  private readonly said = new Map<string, string>();

  explain(plan: Plan): SchedulerDecision[] {
    return [
      ...plan.stop.map(({ reason, deploymentId, replicaId, ...numbers }) => ({
        action: 'stop' as const,
        reason,
        deploymentId,
        replicaId,
        numbers,
      })),
      ...plan.drain.map(({ reason, deploymentId, replicaId, ...numbers }) => ({
        action: 'drain' as const,
        reason,
        deploymentId,
        replicaId,
        numbers,
      })),
      ...plan.start.map(toStartDecision),
      ...plan.release.map(({ replicaId, ...numbers }) => ({
        action: 'release' as const,
        reason: 'memory_free',
        replicaId,
        numbers,
      })),
      ...plan.measure.map(toMeasureDecision),
      ...this.newExplanations(plan),
    ];
  }

  /** The numbers move with every heartbeat; what counts as news is another reason. */
  private newExplanations({ unplaced, passedOver }: Plan): SchedulerDecision[] {
    const explained = [...unplaced, ...passedOver];
    const current = new Map(explained.map((wish) => [wish.deploymentId, kindOf(wish)]));
    for (const deploymentId of this.said.keys()) if (!current.has(deploymentId)) this.said.delete(deploymentId);
    return explained
      .filter((wish) => this.said.get(wish.deploymentId) !== kindOf(wish))
      .map((wish) => {
        this.said.set(wish.deploymentId, kindOf(wish));
        const { deploymentId, reason, ...numbers } = wish;
        const action = 'missing' in wish ? ('unplaced' as const) : ('passed_over' as const);
        return { action, reason, deploymentId, numbers };
      });
  }
}

/** A claim that gave way to a surer number is told beside it: what an operator said is not passed over in silence. */
function toStartDecision({ deploymentId, replicaId, reason, spec, settings: _, ...numbers }: Start): SchedulerDecision {
  const claimedBytes = spec.engineOptions['footprintBytes'];
  const claim = numbers.basis === 'claimed' || claimedBytes === undefined ? {} : { claimedBytes };
  return { action: 'start', reason, deploymentId, replicaId, numbers: { ...numbers, ...claim } };
}

/** By how much the prediction was off; see `signedError`. */
export function measuredError({ predictedBytes, measuredBytes }: Measurement): number {
  return Math.round(signedError(predictedBytes, measuredBytes) * 1_000) / 1_000;
}

function toMeasureDecision(measurement: Measurement): SchedulerDecision {
  const { replicaId, footprint: _footprint, ...numbers } = measurement;
  return {
    action: 'measure',
    reason: 'loaded',
    replicaId,
    numbers: { ...numbers, signedError: measuredError(measurement) },
  };
}

function kindOf({ rejected, ...wish }: Unplaced | PassedOver): string {
  const missing = 'missing' in wish ? wish.missing : 0;
  return JSON.stringify([missing, rejected.map(({ runnerId, deviceKey, reason }) => [runnerId, deviceKey, reason])]);
}

import type { QueueDemandPart } from '@millrace/contracts/job-contract';
import type { OwnedWork } from './queue-parts.js';

/** What this process's jobs ask of each deployment, counted anew. Deployments that nothing ever came for are left out. */
export function queueDemand({ jobs, services, arrivals }: OwnedWork, nowMs: number): QueueDemandPart[] {
  const parts = new Map<string, QueueDemandPart>();
  for (const deploymentId of arrivals.deployments()) {
    const { answers = 0, slotTokensPerSecond = 0 } = services.get(deploymentId) ?? {};
    const nothing = { waitingJobs: 0, waitingTokens: 0, oldestWaitMs: 0 };
    const rates = arrivals.measure(deploymentId, nowMs);
    parts.set(deploymentId, { deploymentId, ...nothing, ...rates, answers, slotTokensPerSecond });
  }
  for (const { spec, state, acceptedAtMs } of jobs) {
    const part = state.phase === 'waiting' ? parts.get(spec.deploymentId) : undefined;
    if (part === undefined) continue;
    part.waitingJobs += 1;
    part.waitingTokens += spec.promptTokensEstimate + spec.answerTokensEstimate;
    part.oldestWaitMs = Math.max(part.oldestWaitMs, nowMs - acceptedAtMs);
  }
  return [...parts.values()];
}

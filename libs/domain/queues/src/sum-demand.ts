import type { QueueDemandPart } from '@millrace/contracts/job-contract';

/** What a deployment has to serve, in all API processes together: each job is in the part of one process only. */
export function sumDemand(parts: readonly QueueDemandPart[]): Map<string, QueueDemandPart> {
  const sums = new Map<string, QueueDemandPart>();
  for (const part of parts) {
    const sum = sums.get(part.deploymentId);
    sums.set(part.deploymentId, sum === undefined ? part : addDemand(sum, part));
  }
  return sums;
}

function addDemand(one: QueueDemandPart, other: QueueDemandPart): QueueDemandPart {
  const answers = one.answers + other.answers;
  const weighted = one.answers * one.slotTokensPerSecond + other.answers * other.slotTokensPerSecond;
  return {
    deploymentId: one.deploymentId,
    waitingJobs: one.waitingJobs + other.waitingJobs,
    waitingTokens: one.waitingTokens + other.waitingTokens,
    oldestWaitMs: Math.max(one.oldestWaitMs, other.oldestWaitMs),
    arrivalsPerSecond: one.arrivalsPerSecond + other.arrivalsPerSecond,
    arrivalTokensPerSecond: one.arrivalTokensPerSecond + other.arrivalTokensPerSecond,
    answers,
    slotTokensPerSecond: answers === 0 ? 0 : weighted / answers,
  };
}

import type { JobCounts, QueuePart } from '@millrace/domain/queues';
import type { LeakedSlot } from './leaked-slots.js';
import type { OwnedJob } from './owned-job.js';
import type { ArrivalRates } from './arrival-rates.js';
import type { MeasuredService } from './service-rates.js';

/** The band of every job, as long as there is one only. */
const BAND = 'standard';

/** What this process holds. */
export interface OwnedWork {
  jobs: Iterable<OwnedJob>;
  /** Slots that jobs have left behind; they count as running. */
  leaked: Iterable<LeakedSlot>;
  services: ReadonlyMap<string, MeasuredService>;
  arrivals: Pick<ArrivalRates, 'deployments' | 'measure'>;
}

interface PartInProgress extends QueuePart {
  byTenant: Record<string, JobCounts>;
  byBand: Record<string, JobCounts>;
}

/** This process's part of each queue, counted anew from its jobs. */
export function queueParts({ jobs, leaked, services }: Omit<OwnedWork, 'arrivals'>, nowMs: number): QueuePart[] {
  const parts = new Map<string, PartInProgress>();
  const partOf = (deploymentId: string): PartInProgress => {
    const part = parts.get(deploymentId) ?? emptyPart(deploymentId);
    parts.set(deploymentId, part);
    return part;
  };
  for (const [deploymentId, { tokensPerSecond, answers, meanAnswerTokens }] of services) {
    Object.assign(partOf(deploymentId), { tokensPerSecond, answers, meanAnswerTokens });
  }
  for (const { spec, state, acceptedAtMs } of jobs) {
    if (state.phase === 'done') continue;
    const part = partOf(spec.deploymentId);
    count(part, spec.tenantId, state.phase === 'waiting' ? 'waiting' : 'running');
    if (state.phase === 'waiting') part.oldestWaitMs = Math.max(part.oldestWaitMs, nowMs - acceptedAtMs);
  }
  for (const { deploymentId, tenantId } of leaked) count(partOf(deploymentId), tenantId, 'running');
  return [...parts.values()];
}

function emptyPart(deploymentId: string): PartInProgress {
  const service = { tokensPerSecond: 0, answers: 0, meanAnswerTokens: 0 };
  return { deploymentId, waiting: 0, running: 0, oldestWaitMs: 0, ...service, byTenant: {}, byBand: {} };
}

function count(part: PartInProgress, tenantId: string, what: keyof JobCounts): void {
  part[what] += 1;
  (part.byTenant[tenantId] ??= { waiting: 0, running: 0 })[what] += 1;
  (part.byBand[BAND] ??= { waiting: 0, running: 0 })[what] += 1;
}

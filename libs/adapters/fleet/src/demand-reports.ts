import type { DemandReport } from '@millrace/contracts/job-contract';
import { settingsKey, type FleetSnapshot, type QueueDemand } from '@millrace/domain/placement';
import { sumDemand } from '@millrace/domain/queues';

/** An API process that has said nothing for so long is gone, or Redis is. */
const VALID_MS = 5_000;

type FleetOfDemand = Pick<FleetSnapshot, 'wishes' | 'assignments' | 'replicas' | 'footprints'>;

interface Heard {
  report: DemandReport;
  atMs: number;
}

/** The newest that each API process has said of its queues. Owns what was heard. */
export class DemandReports {
  private readonly newest = new Map<string, Heard>();

  /** Milliseconds of a clock that never jumps. */
  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  hear(report: DemandReport): void {
    this.newest.set(report.owner, { report, atMs: this.monotonicMs() });
  }

  /** What waits for each deployment now; those that nobody speaks of are left out. */
  current(fleet: FleetOfDemand): QueueDemand[] {
    const sums = sumDemand(this.validParts());
    if (sums.size === 0) return [];
    const slots = slotsOfReplicas(fleet);
    return [...sums.values()].map(({ answers: _, slotTokensPerSecond, ...demand }) => ({
      ...demand,
      replicaTokensPerSecond: slotTokensPerSecond * (slots.get(demand.deploymentId) ?? 1),
    }));
  }

  /** What waited when it was told has waited longer by now. */
  private validParts(): DemandReport['queues'] {
    const nowMs = this.monotonicMs();
    const parts: DemandReport['queues'] = [];
    for (const [owner, { report, atMs }] of this.newest) {
      const ageMs = nowMs - atMs;
      if (ageMs >= VALID_MS) this.newest.delete(owner);
      else for (const part of report.queues) parts.push(withAge(part, ageMs));
    }
    return parts;
  }
}

function withAge(part: DemandReport['queues'][number], ageMs: number): DemandReport['queues'][number] {
  return part.waitingJobs === 0 ? part : { ...part, oldestWaitMs: part.oldestWaitMs + ageMs };
}

/** How many sequences one replica of each deployment serves at once: as its replicas have it, else as it would have it. */
function slotsOfReplicas({ wishes, assignments, replicas, footprints }: FleetOfDemand): Map<string, number> {
  const foreseen = new Map<string, number>();
  for (const known of footprints) {
    if (known.outcome === 'known') foreseen.set(textOf(known.artifact, known.settings), known.slots);
  }
  const slots = new Map<string, number>();
  for (const { deploymentId, spec } of wishes) {
    const own = spec.slots > 0 ? spec.slots : foreseen.get(textOf(spec.artifact, settingsKey(spec)));
    if (own !== undefined && own > 0) slots.set(deploymentId, own);
  }
  const reported = new Map(replicas.map((replica) => [replica.replicaId, replica.slots]));
  for (const { deploymentId, replicaId, spec } of assignments) {
    const own = reported.get(replicaId) ?? spec.slots;
    if (own > 0) slots.set(deploymentId, own);
  }
  return slots;
}

function textOf(artifact: string, settings: string): string {
  return `${artifact}\u0000${settings}`;
}

import type { ObservedFleet } from '@millrace/adapters/postgres';
import type { Assignments, ReplicaAssignment, ReplicaSpec as SpecMessage } from '@millrace/contracts/runner-protocol';
import { policyOf, type ReplicaSpec, type SnapshotAssignment } from '@millrace/domain/placement';

type FleetWish = Pick<ObservedFleet, 'epochs'> & {
  snapshot: Pick<ObservedFleet['snapshot'], 'nowMs' | 'runners' | 'assignments' | 'reservations' | 'policy'>;
};

/** What each runner is to run, by one observation. Looks the ledger through once, and only when somebody asks. */
export class AssignmentMessages {
  private readonly generations: ReadonlyMap<string, number>;
  private byRunner: Map<string, SnapshotAssignment[]> | undefined;
  private reservedBytes: Map<string, number> | undefined;

  constructor(private readonly fleet: FleetWish) {
    this.generations = new Map(fleet.snapshot.runners.map(({ runnerId, generation }) => [runnerId, generation]));
  }

  /** Names the wish for the runner; undefined when the runner is not known any more. */
  version(runnerId: string): Pick<Assignments, 'epoch' | 'generation'> | undefined {
    const generation = this.generations.get(runnerId);
    return generation === undefined ? undefined : { generation, epoch: this.fleet.epochs.get(runnerId) ?? 0 };
  }

  /** The whole wish for one runner. */
  message(runnerId: string): Pick<Assignments, 'replicas' | 'drainMs'> {
    this.byRunner ??= groupByRunner(this.fleet.snapshot.assignments);
    this.reservedBytes ??= sumByReplica(this.fleet.snapshot.reservations);
    const replicas = (this.byRunner.get(runnerId) ?? []).map((assignment) => this.toMessage(assignment));
    return { replicas, drainMs: policyOf(this.fleet.snapshot).drainMs };
  }

  private toMessage(assignment: SnapshotAssignment): ReplicaAssignment {
    const { replicaId, deploymentId, runnerId, deviceKey, spec, peers = [], drain } = assignment;
    const deadlineMs = (drain?.sinceMs ?? 0) + policyOf(this.fleet.snapshot).drainMs;
    return {
      replicaId,
      deploymentId,
      deviceKey,
      peerDeviceKeys: peers.filter((peer) => peer.runnerId === runnerId).map((peer) => peer.deviceKey),
      spec: toSpecMessage(spec),
      reservedBytes: this.reservedBytes?.get(replicaId) ?? 0,
      draining: drain !== undefined,
      drainWithinMs: drain === undefined ? 0 : Math.max(0, Math.round(deadlineMs - this.fleet.snapshot.nowMs)),
    };
  }
}

function groupByRunner(assignments: readonly SnapshotAssignment[]): Map<string, SnapshotAssignment[]> {
  const groups = new Map<string, SnapshotAssignment[]>();
  for (const assignment of assignments) {
    const group = groups.get(assignment.runnerId);
    if (group === undefined) groups.set(assignment.runnerId, [assignment]);
    else group.push(assignment);
  }
  return groups;
}

function sumByReplica(lines: FleetWish['snapshot']['reservations']): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { replicaId, bytes } of lines) sums.set(replicaId, (sums.get(replicaId) ?? 0) + bytes);
  return sums;
}

export function toSpecMessage(spec: ReplicaSpec): SpecMessage {
  return { ...spec, engineOptions: JSON.stringify(spec.engineOptions) };
}

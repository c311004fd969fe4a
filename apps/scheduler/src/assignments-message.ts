import type { ObservedFleet } from '@millrace/adapters/postgres';
import type { Assignments, ReplicaSpec as SpecMessage } from '@millrace/contracts/runner-protocol';
import type { ReplicaSpec } from '@millrace/domain/placement';

/** The whole wish for one runner, as observed; undefined when the runner is not known any more. */
export function assignmentsMessage(fleet: ObservedFleet, runnerId: string): Assignments | undefined {
  const { runners, assignments, reservations } = fleet.snapshot;
  const runner = runners.find((candidate) => candidate.runnerId === runnerId);
  if (runner === undefined) return undefined;
  const reserved = new Map(reservations.map((line) => [line.replicaId, line.bytes]));
  return {
    generation: runner.generation,
    epoch: fleet.epochs.get(runnerId) ?? 0,
    replicas: assignments
      .filter((assignment) => assignment.runnerId === runnerId)
      .map(({ replicaId, deploymentId, deviceKey, spec }) => ({
        replicaId,
        deploymentId,
        deviceKey,
        spec: toSpecMessage(spec),
        reservedBytes: reserved.get(replicaId) ?? 0,
      })),
  };
}

export function toSpecMessage(spec: ReplicaSpec): SpecMessage {
  return { ...spec, engineOptions: JSON.stringify(spec.engineOptions) };
}

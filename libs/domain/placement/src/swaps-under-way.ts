import type { FleetIndex } from './fleet-index.js';
import type { LedgerLine } from './ledger.js';

/** The deployments that memory was taken for and that do not serve there yet: it comes free, or they load. */
export function swapsUnderWay(fleet: FleetIndex, lines: readonly LedgerLine[]): ReadonlySet<string> {
  const deployments = new Set<string>();
  for (const { reservation, comesFree } of lines) {
    const forDeploymentId = comesFree ? reservation.releasing?.forDeploymentId : undefined;
    const assignment = fleet.assignment(reservation.replicaId);
    if (forDeploymentId !== undefined) deployments.add(forDeploymentId);
    else if (assignment !== undefined && isLoading(fleet, reservation.replicaId))
      deployments.add(assignment.deploymentId);
  }
  return deployments;
}

function isLoading(fleet: FleetIndex, replicaId: string): boolean {
  const state = fleet.replica(replicaId)?.state;
  return state === undefined || state === 'loading';
}

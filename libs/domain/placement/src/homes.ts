import type { FleetIndex, Place } from './fleet-index.js';
import type { SnapshotAssignment } from './fleet-snapshot.js';

/** Where the replicas of one deployment stand or start. Owned by the plan that is made. */
export class Homes {
  private readonly byReplica = new Map<string, { places: readonly Place[]; serves: boolean }>();
  private readonly countByRunner = new Map<string, number>();
  private readonly countByPlace = new Map<Place, number>();

  get count(): number {
    return this.byReplica.size;
  }

  add(replicaId: string, home: { places: readonly Place[]; serves: boolean }): void {
    this.byReplica.set(replicaId, home);
    this.counted(home.places, 1);
  }

  remove(replicaId: string): void {
    this.counted(this.byReplica.get(replicaId)?.places ?? [], -1);
    this.byReplica.delete(replicaId);
  }

  hasRunner(runnerId: string): boolean {
    return (this.countByRunner.get(runnerId) ?? 0) > 0;
  }

  hasDevice(place: Place): boolean {
    return (this.countByPlace.get(place) ?? 0) > 0;
  }

  /** Whether a replica that does not serve yet stands there. */
  isLoadingOn(place: Place): boolean {
    if (!this.hasDevice(place)) return false;
    return [...this.byReplica.values()].some(({ places, serves }) => !serves && places.includes(place));
  }

  private counted(places: readonly Place[], change: 1 | -1): void {
    for (const place of places) {
      const { runnerId } = place.runner;
      this.countByPlace.set(place, (this.countByPlace.get(place) ?? 0) + change);
      this.countByRunner.set(runnerId, (this.countByRunner.get(runnerId) ?? 0) + change);
    }
  }
}

/** The homes of a deployment's assignments that hold. */
export function homesOf(fleet: FleetIndex, kept: readonly SnapshotAssignment[]): Homes {
  const homes = new Homes();
  for (const assignment of kept) {
    const devices = [assignment, ...(assignment.peers ?? [])];
    const places = devices.flatMap((device) => fleet.place(device) ?? []);
    homes.add(assignment.replicaId, { places, serves: fleet.replica(assignment.replicaId)?.state === 'ready' });
  }
  return homes;
}

import type {
  FleetSnapshot,
  FootprintKey,
  LoadFailure,
  SnapshotAssignment,
  SnapshotDevice,
  SnapshotFootprint,
  SnapshotReplica,
  SnapshotRunner,
  Wish,
} from './fleet-snapshot.js';

/** One device and the runner it belongs to. */
export interface Place {
  runner: SnapshotRunner;
  device: SnapshotDevice;
}

/** A snapshot by key, in an order that does not depend on how it was read. */
export class FleetIndex {
  readonly wishes: readonly Wish[];
  readonly assignments: readonly SnapshotAssignment[];
  /** By runner, then device. */
  readonly places: readonly Place[];
  private readonly wishById: Map<string, Wish>;
  private readonly runnerById: Map<string, SnapshotRunner>;
  private readonly replicaById: Map<string, SnapshotReplica>;
  private readonly assignmentById: Map<string, SnapshotAssignment>;
  private readonly footprintByKey: Map<string, SnapshotFootprint>;
  private readonly failureByKey: Map<string, LoadFailure>;

  constructor(readonly snapshot: FleetSnapshot) {
    this.wishes = sortedBy(snapshot.wishes, (wish) => wish.deploymentId);
    this.assignments = sortedBy(snapshot.assignments, (assignment) => assignment.replicaId);
    this.places = sortedBy(snapshot.runners, (runner) => runner.runnerId).flatMap((runner) =>
      sortedBy(runner.devices, (device) => device.deviceKey).map((device) => ({ runner, device })),
    );
    this.wishById = mapBy(snapshot.wishes, (wish) => wish.deploymentId);
    this.runnerById = mapBy(snapshot.runners, (runner) => runner.runnerId);
    this.replicaById = mapBy(snapshot.replicas, (replica) => replica.replicaId);
    this.assignmentById = mapBy(snapshot.assignments, (assignment) => assignment.replicaId);
    this.footprintByKey = mapBy(snapshot.footprints, footprintText);
    this.failureByKey = mapBy(snapshot.loadFailures, failureText);
  }

  /** Places by the runner they belong to, in their order. */
  placesByRunner(): ReadonlyMap<string, readonly Place[]> {
    const groups = new Map<string, Place[]>();
    for (const place of this.places) {
      const group = groups.get(place.runner.runnerId);
      if (group === undefined) groups.set(place.runner.runnerId, [place]);
      else group.push(place);
    }
    return groups;
  }

  wish(deploymentId: string): Wish | undefined {
    return this.wishById.get(deploymentId);
  }

  runner(runnerId: string): SnapshotRunner | undefined {
    return this.runnerById.get(runnerId);
  }

  device(runnerId: string, deviceKey: string): SnapshotDevice | undefined {
    return this.runner(runnerId)?.devices.find((device) => device.deviceKey === deviceKey);
  }

  /** As its runner last reported it. */
  replica(replicaId: string): SnapshotReplica | undefined {
    return this.replicaById.get(replicaId);
  }

  assignment(replicaId: string): SnapshotAssignment | undefined {
    return this.assignmentById.get(replicaId);
  }

  footprint(key: FootprintKey): SnapshotFootprint | undefined {
    return this.footprintByKey.get(footprintText(key));
  }

  failure(key: Pick<LoadFailure, 'deploymentId' | 'runnerId' | 'deviceKey'>): LoadFailure | undefined {
    return this.failureByKey.get(failureText(key));
  }
}

/** One text per footprint. */
export function footprintText(key: FootprintKey): string {
  return JSON.stringify([key.artifact, key.engine, key.settings, key.deviceType]);
}

function failureText(key: Pick<LoadFailure, 'deploymentId' | 'runnerId' | 'deviceKey'>): string {
  return JSON.stringify([key.deploymentId, key.runnerId, key.deviceKey]);
}

function mapBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item> {
  return new Map(items.map((item) => [key(item), item]));
}

function sortedBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

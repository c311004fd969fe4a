import type {
  FleetSnapshot,
  FootprintKey,
  SnapshotAssignment,
  SnapshotDevice,
  SnapshotFootprint,
  SnapshotReplica,
  SnapshotRunner,
} from './fleet-snapshot.js';
import { policyOf, type PlacementPolicy } from './placement-policy.js';
import { settingsKey, type QueueDemand, type Wish } from './wish.js';

/** One device and the runner it belongs to. */
export interface Place {
  /** Position among all places: by runner, then device. */
  order: number;
  runner: SnapshotRunner;
  device: SnapshotDevice;
}

/** A runner and its devices, in order. */
export interface RunnerPlaces {
  runner: SnapshotRunner;
  places: readonly Place[];
}

/** A snapshot by key, in an order that does not depend on how it was read. */
export class FleetIndex {
  readonly policy: PlacementPolicy;
  readonly wishes: readonly Wish[];
  readonly assignments: readonly SnapshotAssignment[];
  readonly runners: readonly RunnerPlaces[];
  /** By runner, then device. */
  readonly places: readonly Place[];
  private readonly wishById: Map<string, Wish>;
  private readonly runnerById: Map<string, RunnerPlaces>;
  private readonly replicaById: Map<string, SnapshotReplica>;
  private readonly assignmentById: Map<string, SnapshotAssignment>;
  private readonly footprintsByArtifact = new Map<string, SnapshotFootprint[]>();
  private readonly demandById: Map<string, QueueDemand>;
  private readonly settingsByWish = new Map<Wish, string>();

  constructor(readonly snapshot: FleetSnapshot) {
    this.policy = policyOf(snapshot);
    this.wishes = sortedBy(snapshot.wishes, (wish) => wish.deploymentId);
    this.assignments = sortedBy(snapshot.assignments, (assignment) => assignment.replicaId);
    const places: Place[] = [];
    this.runners = sortedBy(snapshot.runners, (runner) => runner.runnerId).map((runner) => {
      const first = places.length;
      for (const device of sortedBy(runner.devices, ({ deviceKey }) => deviceKey)) {
        places.push({ order: places.length, runner, device });
      }
      return { runner, places: places.slice(first) };
    });
    this.places = places;
    this.wishById = mapBy(snapshot.wishes, (wish) => wish.deploymentId);
    this.runnerById = mapBy(this.runners, ({ runner }) => runner.runnerId);
    this.replicaById = mapBy(snapshot.replicas, (replica) => replica.replicaId);
    this.assignmentById = mapBy(snapshot.assignments, (assignment) => assignment.replicaId);
    for (const footprint of snapshot.footprints) {
      const known = this.footprintsByArtifact.get(footprint.artifact);
      if (known === undefined) this.footprintsByArtifact.set(footprint.artifact, [footprint]);
      else known.push(footprint);
    }
    this.demandById = mapBy(snapshot.demand ?? [], (demand) => demand.deploymentId);
  }

  wish(deploymentId: string): Wish | undefined {
    return this.wishById.get(deploymentId);
  }

  /** `settingsKey` of the wish. */
  settings(wish: Wish): string {
    const known = this.settingsByWish.get(wish);
    if (known !== undefined) return known;
    const settings = settingsKey(wish.spec);
    this.settingsByWish.set(wish, settings);
    return settings;
  }

  demand(deploymentId: string): QueueDemand | undefined {
    return this.demandById.get(deploymentId);
  }

  runner(runnerId: string): RunnerPlaces | undefined {
    return this.runnerById.get(runnerId);
  }

  place({ runnerId, deviceKey }: { runnerId: string; deviceKey: string }): Place | undefined {
    for (const place of this.runnerById.get(runnerId)?.places ?? []) {
      if (place.device.deviceKey === deviceKey) return place;
    }
    return undefined;
  }

  /** As its runner last reported it. */
  replica(replicaId: string): SnapshotReplica | undefined {
    return this.replicaById.get(replicaId);
  }

  assignment(replicaId: string): SnapshotAssignment | undefined {
    return this.assignmentById.get(replicaId);
  }

  /** Devices of the replica, without the CPU's memory beside them. */
  groupSize({ peers = [] }: SnapshotAssignment): number {
    return 1 + peers.filter((peer) => this.place(peer)?.device.deviceType !== 'cpu').length;
  }

  footprint(key: FootprintKey): SnapshotFootprint | undefined {
    return this.footprintsByArtifact.get(key.artifact)?.find((known) => isSameFootprint(known, key));
  }
}

function isSameFootprint(a: FootprintKey, b: FootprintKey): boolean {
  return (
    a.deviceType === b.deviceType &&
    (a.deviceCount ?? 1) === (b.deviceCount ?? 1) &&
    (a.offloaded ?? false) === (b.offloaded ?? false) &&
    a.engine === b.engine &&
    a.settings === b.settings
  );
}

/** One text per footprint. */
export function footprintText(key: FootprintKey): string {
  const group = `${String(key.deviceCount ?? 1)}${key.offloaded === true ? 'o' : ''}`;
  return `${key.artifact}\u0000${key.engine}\u0000${key.settings}\u0000${key.deviceType}\u0000${group}`;
}

function mapBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item> {
  const map = new Map<string, Item>();
  for (const item of items) map.set(key(item), item);
  return map;
}

/** What is in order already, as most is that was read by key, costs one look at each. */
function sortedBy<Item>(items: readonly Item[], key: (item: Item) => string): readonly Item[] {
  const inOrder = items.every((item, index) => {
    const before = items[index - 1];
    return before === undefined || key(before) <= key(item);
  });
  if (inOrder) return items;
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

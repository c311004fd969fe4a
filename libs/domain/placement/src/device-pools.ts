import type { FleetIndex, Place, RunnerPlaces } from './fleet-index.js';
import { capacityBytes, type Ledger } from './ledger.js';

/** The devices of a pool on one runner, the fullest first. */
export interface PoolGroup {
  runner: RunnerPlaces;
  places: Place[];
}

/** Devices that no wish tells apart but by what is free on them, the fullest first. */
export class DevicePool {
  /** By runner. */
  readonly groups: PoolGroup[] = [];
  /** What replicas can have of its largest device. */
  largestBytes = 0;
  /** By free bytes as in `sortKeys`, then order. */
  private readonly places: Place[] = [];
  private readonly groupByOrder: PoolGroup[] = [];
  private sorted = false;

  constructor(
    /** Any of them speaks for all. */
    readonly sample: Place,
    /** Free bytes by the order of the place. */
    private readonly sortKeys: Float64Array,
    private readonly ledger: Ledger,
  ) {}

  add(place: Place, runner: RunnerPlaces): void {
    this.places.push(place);
    this.largestBytes = Math.max(this.largestBytes, capacityBytes(place));
    let group = this.groups.at(-1);
    if (group?.runner !== runner) {
      group = { runner, places: [] };
      this.groups.push(group);
    }
    group.places.push(place);
    this.groupByOrder[place.order] = group;
  }

  /** The device with the least free bytes that are enough; ties go to the first by runner and device. */
  tightest(needBytes: number, accepts: (place: Place) => boolean): Place | undefined {
    const places = this.fullestFirst();
    for (let index = this.positionOf(places, needBytes, -1); index < places.length; index += 1) {
      const place = places[index];
      if (place !== undefined && accepts(place)) return place;
    }
    return undefined;
  }

  /** So many devices of one runner that are filled most by this on each; ties go to the first runner. */
  tightestGroup(needBytes: number, count: number, accepts: (place: Place) => boolean): readonly Place[] | undefined {
    this.fullestFirst();
    let best: readonly Place[] | undefined;
    let bestFilled = -1;
    for (const { places } of this.groups) {
      if (!this.hasRoom(places, needBytes, count)) continue;
      const chosen: Place[] = [];
      let filled = 0;
      for (const place of places) {
        const freeBytes = this.sortKey(place);
        if (freeBytes < needBytes || !accepts(place)) continue;
        filled += freeBytes === 0 ? 1 : needBytes / freeBytes;
        if (chosen.push(place) === count) break;
      }
      if (chosen.length < count || filled <= bestFilled) continue;
      best = chosen;
      bestFilled = filled;
    }
    return best;
  }

  /** From the least free bytes to the most. */
  fullestFirst(): readonly Place[] {
    if (this.sorted) return this.places;
    for (const place of this.places) this.sortKeys[place.order] = this.ledger.freeBytes(place);
    this.places.sort((a, b) => this.compare(a, b));
    for (const group of this.groups) group.places.length = 0;
    for (const place of this.places) this.groupByOrder[place.order]?.places.push(place);
    this.sorted = true;
    return this.places;
  }

  /** Puts the device where its free bytes belong now. */
  refresh(place: Place): void {
    if (!this.sorted) return;
    this.places.splice(this.positionOf(this.places, this.sortKey(place), place.order), 1);
    const freeBytes = this.ledger.freeBytes(place);
    this.sortKeys[place.order] = freeBytes;
    this.places.splice(this.positionOf(this.places, freeBytes, place.order), 0, place);
    this.groupByOrder[place.order]?.places.sort((a, b) => this.compare(a, b));
  }

  /** Whether the emptiest so many have that much, accepted or not. */
  private hasRoom(places: readonly Place[], needBytes: number, count: number): boolean {
    const last = places[places.length - count];
    return last !== undefined && this.sortKey(last) >= needBytes;
  }

  /** The first position that is not before these bytes and this order. */
  private positionOf(places: readonly Place[], freeBytes: number, order: number): number {
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const place = places[middle];
      if (place === undefined) break;
      const key = this.sortKey(place);
      if (key < freeBytes || (key === freeBytes && place.order < order)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compare(a: Place, b: Place): number {
    return this.sortKey(a) - this.sortKey(b) || a.order - b.order;
  }

  private sortKey(place: Place): number {
    return this.sortKeys[place.order] ?? 0;
  }
}

/** All devices by pool. Follows the ledger. */
export class DevicePools {
  readonly all: readonly DevicePool[];
  private readonly poolByOrder: DevicePool[] = [];

  constructor(fleet: FleetIndex, ledger: Ledger) {
    const labels = wishedLabels(fleet);
    const pools = new Map<string, DevicePool>();
    const sortKeys = new Float64Array(fleet.places.length);
    for (const runnerPlaces of fleet.runners) {
      const runnerText = textOf(runnerPlaces, labels);
      let pool: DevicePool | undefined;
      for (const place of runnerPlaces.places) {
        const { deviceType } = place.device;
        if (pool?.sample.device.deviceType !== deviceType) {
          const key = `${runnerText}\u0000${deviceType}`;
          pool = pools.get(key) ?? new DevicePool(place, sortKeys, ledger);
          pools.set(key, pool);
        }
        pool.add(place, runnerPlaces);
        this.poolByOrder[place.order] = pool;
      }
    }
    this.all = [...pools.values()];
    ledger.onChange((place) => this.of(place).refresh(place));
  }

  of(place: Place): DevicePool {
    const pool = this.poolByOrder[place.order];
    if (pool === undefined) throw new Error('A place of another fleet has no pool in this one.');
    return pool;
  }
}

/** Labels that some wish asks for; others tell no devices apart. */
function wishedLabels({ wishes }: FleetIndex): string[] {
  return [...new Set(wishes.flatMap(({ placement }) => Object.keys(placement?.labels ?? {})))].sort();
}

function textOf({ runner }: RunnerPlaces, labels: readonly string[]): string {
  const engines = [...runner.engines].sort();
  const values = labels.map((label) => runner.labels?.[label] ?? null);
  return JSON.stringify([runner.health, runner.adminState, engines, values]);
}

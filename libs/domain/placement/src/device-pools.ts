import type { FleetIndex, Place, RunnerPlaces } from './fleet-index.js';
import { capacityBytes, type Ledger } from './ledger.js';

/** Devices that no wish tells apart but by what is free on them, the fullest first. */
export class DevicePool {
  /** By free bytes as in `sortKeys`, then order. */
  private readonly places: Place[] = [];
  private sorted = false;
  readonly runners = new Set<RunnerPlaces>();
  /** What replicas can have of its largest device. */
  largestBytes = 0;

  constructor(
    /** Any of them speaks for all. */
    readonly sample: Place,
    private readonly sortKeys: Map<Place, number>,
    private readonly ledger: Ledger,
  ) {}

  add(place: Place, runner: RunnerPlaces): void {
    this.places.push(place);
    this.runners.add(runner);
    this.largestBytes = Math.max(this.largestBytes, capacityBytes(place));
  }

  /** The device with the least free bytes that are enough; ties go to the first by runner and device. */
  tightest(needBytes: number, accepts: (place: Place) => boolean): Place | undefined {
    const places = this.fullestFirst();
    for (let index = this.positionOf(needBytes, -1); index < places.length; index += 1) {
      const place = places[index];
      if (place !== undefined && accepts(place)) return place;
    }
    return undefined;
  }

  /** From the least free bytes to the most. */
  fullestFirst(): readonly Place[] {
    if (!this.sorted) {
      for (const place of this.places) this.sortKeys.set(place, this.ledger.freeBytes(place));
      this.places.sort((a, b) => this.sortKey(a) - this.sortKey(b) || a.order - b.order);
      this.sorted = true;
    }
    return this.places;
  }

  /** Puts the device where its free bytes belong now. */
  refresh(place: Place): void {
    if (!this.sorted) return;
    this.places.splice(this.positionOf(this.sortKey(place), place.order), 1);
    const freeBytes = this.ledger.freeBytes(place);
    this.sortKeys.set(place, freeBytes);
    this.places.splice(this.positionOf(freeBytes, place.order), 0, place);
  }

  /** The first position that is not before these bytes and this order. */
  private positionOf(freeBytes: number, order: number): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const place = this.places[middle];
      if (place === undefined) break;
      const key = this.sortKey(place);
      if (key < freeBytes || (key === freeBytes && place.order < order)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private sortKey(place: Place): number {
    return this.sortKeys.get(place) ?? 0;
  }
}

/** All devices by pool. Follows the ledger. */
export class DevicePools {
  readonly all: readonly DevicePool[];
  private readonly poolByPlace = new Map<Place, DevicePool>();

  constructor(fleet: FleetIndex, ledger: Ledger) {
    const labels = wishedLabels(fleet);
    const pools = new Map<string, DevicePool>();
    const sortKeys = new Map<Place, number>();
    for (const runnerPlaces of fleet.runners) {
      const runnerText = textOf(runnerPlaces, labels);
      for (const place of runnerPlaces.places) {
        const key = `${runnerText}\u0000${place.device.deviceType}`;
        const pool = pools.get(key) ?? new DevicePool(place, sortKeys, ledger);
        pools.set(key, pool);
        pool.add(place, runnerPlaces);
        this.poolByPlace.set(place, pool);
      }
    }
    this.all = [...pools.values()];
    ledger.onChange((place) => this.poolByPlace.get(place)?.refresh(place));
  }

  of(place: Place): DevicePool {
    const pool = this.poolByPlace.get(place);
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

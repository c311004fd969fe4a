import type { Decision, Policy, Sight } from './policy.js';
import { capacityOf, deviceBytesOf, type Scenario } from './scenario.js';
import type { Home, SimulatedFleet, SimulatedReplica } from './simulated-fleet.js';

/** Devices to clear for a model, and how lately the last of the victims was used. */
interface Clearing {
  devices: readonly number[];
  victims: readonly SimulatedReplica[];
  lastUsedAtSeconds: number;
}

/**
 * What single-node servers do: a model is loaded when a request needs it, in the place of the least recently used ones.
 * Busy ones count as used now, and finish first. One replica for each model.
 */
export class LruPolicy implements Policy {
  readonly everySeconds = 0;
  /** Models that wait for the memory of their victims, in the order of their first request. */
  private readonly promised = new Map<number, readonly number[]>();
  private started = 0;

  constructor(private readonly scenario: Scenario) {}

  hear(): void {
    // Only what waits matters.
  }

  decide(sight: Sight): Decision {
    const start: Home[] = [];
    const leave: SimulatedReplica[] = [];
    for (const model of this.coldModels(sight)) {
      if (this.promised.has(model)) continue;
      const clearing = this.cheapestClearing(model, sight, leave);
      if (clearing === undefined) continue;
      leave.push(...clearing.victims);
      this.promised.set(model, clearing.devices);
    }
    const taken = new Map<number, number>();
    for (const [model, devices] of this.promised) {
      const bytes = this.bytesOf(model);
      if (devices.some((device) => sight.fleet.freeBytes(device) - (taken.get(device) ?? 0) < bytes)) continue;
      for (const device of devices) taken.set(device, (taken.get(device) ?? 0) + bytes);
      this.promised.delete(model);
      this.started += 1;
      start.push({ replicaId: `rep_${String(this.started).padStart(6, '0')}`, model, devices });
    }
    return { start, leave, end: [] };
  }

  /** Models whose requests wait for a replica that nobody loads, the longest waiting first. */
  private coldModels({ fleet, waiting, nowSeconds }: Sight): number[] {
    const warm = new Set(fleet.replicas.filter(isStaying).map(({ model }) => model));
    return this.scenario.models
      .map((_model, index) => index)
      .filter((model) => waiting.jobs(model) > 0 && !warm.has(model))
      .sort((a, b) => waiting.oldestWaitSeconds(b, nowSeconds) - waiting.oldestWaitSeconds(a, nowSeconds));
  }

  private cheapestClearing(
    model: number,
    { fleet, nowSeconds }: Sight,
    leaving: readonly SimulatedReplica[],
  ): Clearing | undefined {
    const count = this.scenario.models[model]?.deviceCount ?? 1;
    const each = this.scenario.fleet.devicesPerRunner;
    let best: Clearing | undefined;
    for (let first = 0; first < fleet.deviceCount; first += each) {
      const cleared = Array.from({ length: each }, (_each, index) =>
        this.clear(first + index, this.bytesOf(model), { fleet, nowSeconds, leaving }),
      ).filter((one) => one !== undefined);
      if (cleared.length < count) continue;
      const chosen = cleared.sort((a, b) => a.lastUsedAtSeconds - b.lastUsedAtSeconds).slice(0, count);
      const clearing = together(chosen);
      if (best === undefined || clearing.lastUsedAtSeconds < best.lastUsedAtSeconds) best = clearing;
    }
    return best;
  }

  /** The least recently used replicas of a device whose memory is enough together with what is free or comes free. */
  private clear(
    device: number,
    bytes: number,
    of: { fleet: SimulatedFleet; nowSeconds: number; leaving: readonly SimulatedReplica[] },
  ): Clearing | undefined {
    const staying = of.fleet.replicas.filter(
      (replica) => isStaying(replica) && replica.devices.includes(device) && !of.leaving.includes(replica),
    );
    let free = capacityOf(this.scenario.fleet) - this.promisedBytes(device);
    for (const { model } of staying) free -= this.bytesOf(model);
    const usedAt = ({ engine, lastUsedAtSeconds }: SimulatedReplica) =>
      engine.inFlight > 0 ? of.nowSeconds : lastUsedAtSeconds;
    const evictable = staying.filter(({ state }) => state === 'ready').sort((a, b) => usedAt(a) - usedAt(b));
    const victims: SimulatedReplica[] = [];
    for (const replica of evictable) {
      if (free >= bytes) break;
      victims.push(replica);
      free += this.bytesOf(replica.model);
    }
    if (free < bytes) return undefined;
    const last = victims.at(-1);
    return { devices: [device], victims, lastUsedAtSeconds: last === undefined ? -1 : usedAt(last) };
  }

  private promisedBytes(device: number): number {
    let bytes = 0;
    for (const [model, devices] of this.promised) if (devices.includes(device)) bytes += this.bytesOf(model);
    return bytes;
  }

  private bytesOf(model: number): number {
    const of = this.scenario.models[model];
    return of === undefined ? 0 : deviceBytesOf(of);
  }
}

function isStaying({ state }: SimulatedReplica): boolean {
  return state === 'loading' || state === 'ready';
}

function together(chosen: readonly Clearing[]): Clearing {
  return {
    devices: chosen.flatMap(({ devices }) => devices).sort((a, b) => a - b),
    victims: [...new Set(chosen.flatMap(({ victims }) => victims))],
    lastUsedAtSeconds: Math.max(...chosen.map(({ lastUsedAtSeconds }) => lastUsedAtSeconds)),
  };
}

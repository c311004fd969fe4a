import { ReplicaEngine } from './replica-engine.js';
import { capacityOf, deviceBytesOf, type Scenario } from './scenario.js';
import { WeightLoads } from './weight-loads.js';

/** `unloading` holds its memory until it is measured as free. */
export type SimulatedState = 'loading' | 'ready' | 'draining' | 'unloading';

/** One loaded copy of a model, on devices by their number in the fleet. */
export interface SimulatedReplica {
  replicaId: string;
  model: number;
  devices: readonly number[];
  state: SimulatedState;
  /** When it is loaded, or unloaded. */
  readyAtSeconds: number;
  goneAtSeconds: number;
  lastUsedAtSeconds: number;
  engine: ReplicaEngine;
}

/** Where a replica is to start. */
export interface Home {
  replicaId: string;
  model: number;
  devices: readonly number[];
}

/** The devices and what runs on them. Owns replicas, memory and the hosts' caches. */
export class SimulatedFleet {
  readonly replicas: SimulatedReplica[] = [];
  readonly deviceCount: number;
  /** Bytes of each device that replicas hold. */
  readonly usedBytes: number[];
  /** Of all loads since the start. */
  loads = 0;
  loadedBytes = 0;
  private readonly weights: WeightLoads[];

  constructor(readonly scenario: Scenario) {
    const { runners, devicesPerRunner, load } = scenario.fleet;
    this.deviceCount = runners * devicesPerRunner;
    this.usedBytes = Array<number>(this.deviceCount).fill(0);
    this.weights = Array.from({ length: runners }, () => new WeightLoads(load));
  }

  runnerOf(device: number): number {
    return Math.floor(device / this.scenario.fleet.devicesPerRunner);
  }

  freeBytes(device: number): number {
    return capacityOf(this.scenario.fleet) - (this.usedBytes[device] ?? 0);
  }

  /** Puts a loaded replica there, as a fleet that has run for long has it. */
  place(home: Home): void {
    const replica = this.add(home, 0);
    replica.state = 'ready';
    this.loadsOf(home).keep(home.model, this.model(home.model).weightsBytes);
  }

  /** Keeps in the memory of the hosts what fits beside the loaded weights, the first models of the order first. */
  fillCaches(order: readonly number[]): void {
    for (const model of [...order].reverse()) {
      for (const weights of this.weights) weights.keep(model, this.model(model).weightsBytes);
    }
  }

  /** Begins to load a replica there. */
  start(home: Home, nowSeconds: number): void {
    const model = this.model(home.model);
    this.add(home, nowSeconds + this.loadsOf(home).begin(home.model, model, nowSeconds));
    this.loads += 1;
    this.loadedBytes += model.weightsBytes;
  }

  /** How long a load of the model on that runner would take. */
  expectedLoadSeconds(model: number, runner: number, nowSeconds: number): number {
    return this.weights[runner]?.expectedSeconds(model, this.model(model), nowSeconds) ?? 0;
  }

  /** It takes no new work, and unloads once it is idle. */
  drain(replica: SimulatedReplica, nowSeconds: number): void {
    if (replica.state === 'unloading') return;
    if (replica.engine.inFlight > 0) replica.state = 'draining';
    else this.unload(replica, nowSeconds);
  }

  unload(replica: SimulatedReplica, nowSeconds: number): void {
    replica.state = 'unloading';
    replica.goneAtSeconds = nowSeconds + this.scenario.fleet.load.unloadSeconds;
  }

  /** What ends by itself until now: loads and unloads. True when anything did. */
  settle(nowSeconds: number): SimulatedReplica[] {
    const changed: SimulatedReplica[] = [];
    for (let index = this.replicas.length - 1; index >= 0; index -= 1) {
      const replica = this.replicas[index];
      if (replica?.state === 'loading' && replica.readyAtSeconds <= nowSeconds) {
        replica.state = 'ready';
        replica.lastUsedAtSeconds = nowSeconds;
        changed.push(replica);
      } else if (replica?.state === 'unloading' && replica.goneAtSeconds <= nowSeconds) {
        this.replicas.splice(index, 1);
        this.account(replica, -1);
        changed.push(replica);
      }
    }
    return changed;
  }

  /** When the next load or unload ends. */
  settlesAtSeconds(): number {
    let least = Infinity;
    for (const { state, readyAtSeconds, goneAtSeconds } of this.replicas) {
      if (state === 'loading') least = Math.min(least, readyAtSeconds);
      else if (state === 'unloading') least = Math.min(least, goneAtSeconds);
    }
    return least;
  }

  private add(home: Home, readyAtSeconds: number): SimulatedReplica {
    const engine = new ReplicaEngine(this.model(home.model));
    const times = { readyAtSeconds, goneAtSeconds: Infinity, lastUsedAtSeconds: 0 };
    const replica: SimulatedReplica = { ...home, ...times, state: 'loading', engine };
    this.replicas.push(replica);
    this.account(replica, 1);
    for (const device of home.devices) {
      if (this.freeBytes(device) < 0) throw new Error(`Device ${device} has less memory than its replicas take.`);
    }
    return replica;
  }

  private account({ model, devices }: Home, sign: 1 | -1): void {
    const bytes = sign * deviceBytesOf(this.model(model));
    for (const device of devices) this.usedBytes[device] = (this.usedBytes[device] ?? 0) + bytes;
  }

  private loadsOf({ devices }: Home): WeightLoads {
    const weights = this.weights[this.runnerOf(devices[0] ?? 0)];
    if (weights === undefined) throw new Error('A replica stands on a device of this fleet.');
    return weights;
  }

  private model(index: number) {
    const model = this.scenario.models[index];
    if (model === undefined) throw new Error(`There is no model ${index} in the scenario.`);
    return model;
  }
}

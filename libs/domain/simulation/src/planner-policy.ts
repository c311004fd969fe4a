import {
  mostStarts,
  planPlacements,
  settingsKey,
  type FleetSnapshot,
  type Plan,
  type QueueDemand,
  type ReplicaSpec,
  type SnapshotFootprint,
  type Wish,
} from '@millrace/domain/placement';
import { DemandMeter } from './demand-meter.js';
import type { Decision, Policy, Sight } from './policy.js';
import { deviceBytesOf, type Scenario, type SimulatedModel } from './scenario.js';
import { SimulatedFleet, type Home, type SimulatedReplica } from './simulated-fleet.js';
import { WaitingRequests } from './waiting-requests.js';
import type { SimulatedRequest, Workload } from './workload.js';

type Assignment = FleetSnapshot['assignments'][number];
type Reservation = FleetSnapshot['reservations'][number];

/** As the scheduler's loop: a few passes a second. */
const PASS_SECONDS = 0.25;
/** Where it differs from the default: bursts on devices that several models share, and a bound that is to hold. */
const POLICY = { utilisation: 0.5, backlogMs: 60_000, drainMs: 10_000, swapShare: 0.125 };
const ENGINE = 'simulated';

/** The production planner, fed with a snapshot as the scheduler observes it. Owns assignments and ledger. */
export class PlannerPolicy implements Policy {
  readonly everySeconds = PASS_SECONDS;
  private readonly meter: DemandMeter;
  private readonly specs: readonly ReplicaSpec[];
  private readonly wishes: readonly Wish[];
  private readonly known: readonly SnapshotFootprint[];
  private assignments: Assignment[] = [];
  private reservations: Reservation[] = [];
  private started = 0;

  constructor(
    private readonly scenario: Scenario,
    workload: Workload,
  ) {
    this.meter = new DemandMeter(scenario.models);
    this.specs = scenario.models.map(specOf);
    this.wishes = scenario.models.map((model, index) => wishOf(scenario, model, index));
    this.known = scenario.models.map((model) => footprintOf(scenario, model));
    const { requests, seconds, periods } = workload;
    const mean = (of: (request: SimulatedRequest) => number) =>
      requests.reduce((sum, request) => sum + of(request), 0) / Math.max(1, requests.length);
    const promptTokens = mean(({ contextTokens }) => contextTokens);
    const generatedTokens = mean(({ generatedTokens }) => generatedTokens);
    periods[0]?.shares.forEach((share, model) => {
      const perSecond = (share * requests.length) / Math.max(1, seconds);
      this.meter.expect(model, { perSecond, promptTokens, generatedTokens });
    });
  }

  /** What the planner would have loaded before the first request, by the popularity at the start. */
  standing(): Home[] {
    const fleet = new SimulatedFleet(this.scenario);
    // As if one request had come for each model: then each that fits beside the others would stand.
    const mean = { contextTokens: 1, generatedTokens: 1, atSeconds: 0 };
    const waiting = new WaitingRequests(
      this.scenario.models.map((_model, model) => ({ ...mean, model })),
      this.scenario.models.length,
    );
    this.scenario.models.forEach((_model, model) => waiting.add(model));
    return [...this.decide({ nowSeconds: 0, fleet, waiting }).start];
  }

  hear(request: SimulatedRequest): void {
    this.meter.hear(request);
  }

  decide(sight: Sight): Decision {
    const snapshot = this.snapshot(sight);
    const plan = planPlacements(snapshot);
    this.apply(plan, snapshot.nowMs);
    const draining = new Set(plan.drain.map(({ replicaId }) => replicaId));
    const stopping = new Set(plan.stop.map(({ replicaId }) => replicaId));
    return {
      start: plan.start.map(({ replicaId, deploymentId, deviceKey, runnerId, peers }) => ({
        replicaId,
        model: modelOf(deploymentId),
        devices: [{ deviceKey, runnerId }, ...peers].map((place) => this.deviceOf(place)),
      })),
      leave: sight.fleet.replicas.filter(({ replicaId }) => draining.has(replicaId)),
      end: sight.fleet.replicas.filter(({ replicaId }) => stopping.has(replicaId)),
    };
  }

  private snapshot({ nowSeconds, fleet, waiting }: Sight): FleetSnapshot {
    const demand = this.demand({ waiting, nowSeconds });
    const { wishes } = this;
    const runners = this.runners(fleet);
    const most = mostStarts({ wishes, runners, demand });
    return {
      nowMs: 1_000 * nowSeconds,
      wishes,
      runners,
      assignments: this.assignments,
      replicas: fleet.replicas.map((replica) => this.reported(replica, fleet)),
      reservations: this.reservations,
      footprints: this.footprints(fleet, nowSeconds),
      loadFailures: [],
      policy: POLICY,
      demand,
      freshReplicaIds: Array.from({ length: most }, (_each, index) => replicaIdOf(this.started + index)),
    };
  }

  private demand(of: Pick<Sight, 'waiting' | 'nowSeconds'>): QueueDemand[] {
    return this.wishes.flatMap(({ deploymentId }, model) => this.meter.demandOf(model, { deploymentId, ...of }) ?? []);
  }

  private runners(fleet: SimulatedFleet): FleetSnapshot['runners'] {
    const { runners, devicesPerRunner, deviceType, totalBytes, reserveBytes } = this.scenario.fleet;
    return Array.from({ length: runners }, (_each, runner) => ({
      runnerId: runnerIdOf(runner),
      name: runnerIdOf(runner),
      adminState: 'active',
      health: 'alive',
      engines: [ENGINE],
      generation: 0,
      observedGeneration: 0,
      devices: Array.from({ length: devicesPerRunner }, (_device, index) => {
        const device = runner * devicesPerRunner + index;
        const freeBytes = totalBytes - this.allocatedBytes(fleet, device);
        return { deviceKey: deviceKeyOf(index), deviceType, totalBytes, freeBytes, reserveBytes };
      }),
    }));
  }

  /** What the device's own count shows: a replica that loads has not allocated yet. */
  private allocatedBytes(fleet: SimulatedFleet, device: number): number {
    return fleet.replicas
      .filter(({ state, devices }) => state !== 'loading' && devices.includes(device))
      .reduce((sum, { model }) => sum + this.bytesOf(model), 0);
  }

  private reported(replica: SimulatedReplica, fleet: SimulatedFleet): FleetSnapshot['replicas'][number] {
    const { replicaId, model, state, devices, engine } = replica;
    const activity = {
      readySinceMs: 1_000 * replica.readyAtSeconds,
      inFlight: engine.inFlight,
      lastUsedAtMs: 1_000 * replica.lastUsedAtSeconds,
    };
    return {
      replicaId,
      runnerId: runnerIdOf(fleet.runnerOf(devices[0] ?? 0)),
      state: state === 'unloading' ? 'draining' : state,
      measuredBytes: state === 'loading' ? 0 : this.bytesOf(model),
      slots: this.specs[model]?.slots ?? 0,
      contextLength: this.specs[model]?.contextLength ?? 0,
      message: '',
      ...(state !== 'loading' && { activity }),
    };
  }

  private footprints(fleet: SimulatedFleet, nowSeconds: number): FleetSnapshot['footprints'] {
    return this.known.map((footprint, model) => ({
      ...footprint,
      loadMs: 1_000 * fleet.expectedLoadSeconds(model, 0, nowSeconds),
    }));
  }

  /** Writes the plan down as the scheduler does. */
  private apply(plan: Plan, nowMs: number): void {
    const stopped = new Set(plan.stop.map(({ replicaId }) => replicaId));
    const drains = new Map(plan.drain.map((drain) => [drain.replicaId, drain]));
    const leaving = new Map([...plan.stop, ...plan.drain].map((stop) => [stop.replicaId, stop]));
    const released = new Set(plan.release.map(({ replicaId }) => replicaId));
    const measured = new Map(plan.measure.map(({ replicaId, measuredBytes }) => [replicaId, measuredBytes]));
    const kept = this.assignments.filter(({ replicaId }) => !stopped.has(replicaId));
    this.assignments = kept.map((assignment) => {
      const drain = drains.get(assignment.replicaId);
      return drain === undefined ? assignment : { ...assignment, drain: { reason: drain.reason, sinceMs: nowMs } };
    });
    const lines = this.reservations.filter(({ replicaId }) => !released.has(replicaId));
    this.reservations = lines.map((line): Reservation => {
      const bytes = measured.get(line.replicaId);
      const stop = leaving.get(line.replicaId);
      const forDeploymentId = stop?.eviction?.forDeploymentId ?? line.releasing?.forDeploymentId;
      return {
        ...line,
        ...(bytes !== undefined && { bytes, basis: 'measured' }),
        ...(stop !== undefined && { releasing: { sinceMs: nowMs, ...(forDeploymentId && { forDeploymentId }) } }),
      };
    });
    for (const start of plan.start) {
      const { replicaId, deploymentId, runnerId, deviceKey, peers, spec, settings, needBytes } = start;
      this.assignments.push({ replicaId, deploymentId, runnerId, deviceKey, peers, spec, settings });
      for (const share of [{ runnerId, deviceKey, needBytes }, ...peers]) {
        const place = { runnerId: share.runnerId, deviceKey: share.deviceKey };
        this.reservations.push({ replicaId, ...place, bytes: share.needBytes, basis: 'predicted' });
      }
    }
    this.started += plan.start.length;
  }

  private deviceOf({ runnerId, deviceKey }: { runnerId: string; deviceKey: string }): number {
    return numberIn(runnerId) * this.scenario.fleet.devicesPerRunner + numberIn(deviceKey);
  }

  private bytesOf(model: number): number {
    const of = this.scenario.models[model];
    return of === undefined ? 0 : deviceBytesOf(of);
  }
}

function specOf({ name, slots, kvCacheBytes, kvBytesPerToken }: SimulatedModel): ReplicaSpec {
  const contextLength = Math.floor(kvCacheBytes / kvBytesPerToken / slots);
  return { modelName: name, artifact: name, engine: ENGINE, contextLength, slots, engineOptions: {} };
}

function wishOf(scenario: Scenario, model: SimulatedModel, index: number): Wish {
  const { fleet } = scenario;
  return {
    deploymentId: deploymentIdOf(index),
    spec: specOf(model),
    minReplicas: 0,
    maxReplicas: Math.max(1, fleet.runners * Math.floor(fleet.devicesPerRunner / model.deviceCount)),
    perRunner: false,
    paused: false,
    coldWaitMs: coldWaitMsOf(scenario, model),
    // A second replica of a model on a device would share its time with the first.
    placement: { deviceCount: model.deviceCount, antiAffinity: 'device' },
  };
}

/** So that drain, unload and load end within the bound. */
function coldWaitMsOf({ fleet, coldWaitSeconds }: Scenario, { weightsBytes }: SimulatedModel): number {
  const { processStartSeconds, unloadSeconds, diskBytesPerSecond } = fleet.load;
  const loadSeconds = processStartSeconds + weightsBytes / diskBytesPerSecond;
  const roomSeconds = POLICY.drainMs / 1_000 + unloadSeconds + 4 * PASS_SECONDS;
  return 1_000 * Math.max(0, coldWaitSeconds - loadSeconds - roomSeconds);
}

function footprintOf({ fleet }: Scenario, model: SimulatedModel): SnapshotFootprint {
  const { artifact, engine, contextLength, slots } = specOf(model);
  const weightsBytes = model.weightsBytes / model.deviceCount;
  const kvBytes = model.kvCacheBytes / model.deviceCount;
  const breakdown = { weightsBytes, kvBytes, computeBytes: 0, overheadBytes: model.overheadBytes };
  return {
    artifact,
    engine,
    settings: settingsKey(specOf(model)),
    deviceType: fleet.deviceType,
    ...(model.deviceCount > 1 && { deviceCount: model.deviceCount }),
    outcome: 'known',
    footprint: { basis: 'measured', breakdown, measuredBytes: deviceBytesOf(model) },
    contextLength,
    slots,
  };
}

function deploymentIdOf(model: number): string {
  return `dep_${String(model).padStart(4, '0')}`;
}

function modelOf(deploymentId: string): number {
  return numberIn(deploymentId);
}

function runnerIdOf(runner: number): string {
  return `run_${String(runner).padStart(4, '0')}`;
}

function deviceKeyOf(device: number): string {
  return `gpu_${String(device).padStart(4, '0')}`;
}

function replicaIdOf(number: number): string {
  return `rep_${String(number).padStart(8, '0')}`;
}

function numberIn(id: string): number {
  return Number(id.slice(id.indexOf('_') + 1));
}

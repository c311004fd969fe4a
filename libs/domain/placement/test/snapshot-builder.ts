import type {
  FleetSnapshot,
  FootprintKey,
  KnownFootprint,
  LoadFailure,
  SnapshotDevice,
  SnapshotFootprint,
  SnapshotReplica,
  SnapshotReservation,
  SnapshotRunner,
} from '../src/fleet-snapshot.js';
import type { Plan, Start } from '../src/plan.js';
import { settingsKey, type Wish } from '../src/wish.js';

export const NOW_MS = 1_000_000;

/** A fleet for tests: say what matters, the rest is empty. */
export function aSnapshot(parts: Partial<FleetSnapshot> = {}): FleetSnapshot {
  return {
    nowMs: NOW_MS,
    wishes: [],
    runners: [],
    assignments: [],
    replicas: [],
    reservations: [],
    footprints: [],
    loadFailures: [],
    freshReplicaIds: Array.from({ length: 64 }, (_each, index) => `rep_${String(index).padStart(2, '0')}`),
    ...parts,
  };
}

export function aWish(deploymentId: string, parts: Partial<Wish> = {}): Wish {
  return {
    deploymentId,
    spec: {
      modelName: `model-of-${deploymentId}`,
      artifact: `/weights/${deploymentId}.gguf`,
      engine: 'llama-cpp',
      contextLength: 0,
      slots: 0,
      engineOptions: {},
    },
    minReplicas: 1,
    maxReplicas: Math.max(1, parts.minReplicas ?? 1),
    perRunner: false,
    paused: false,
    ...parts,
  };
}

/** A runner with one CPU, all of it free, nothing kept back. */
export function aRunner(runnerId: string, totalBytes: number, parts: Partial<SnapshotRunner> = {}): SnapshotRunner {
  return {
    runnerId,
    name: `name-of-${runnerId}`,
    adminState: 'active',
    health: 'alive',
    engines: ['llama-cpp'],
    generation: 0,
    observedGeneration: 0,
    devices: [{ deviceKey: 'cpu', deviceType: 'cpu', totalBytes, freeBytes: totalBytes, reserveBytes: 0 }],
    ...parts,
  };
}

/** A runner with GPUs of one type, all of them free, nothing kept back. */
export function aGpuRunner(runnerId: string, sizes: readonly number[], parts: Partial<SnapshotRunner> = {}) {
  return aRunner(runnerId, 0, { devices: sizes.map((size, index) => aGpu(`gpu-${String(index)}`, size)), ...parts });
}

function aGpu(deviceKey: string, totalBytes: number, parts: Partial<SnapshotDevice> = {}): SnapshotDevice {
  return { deviceKey, deviceType: 'cuda', totalBytes, freeBytes: totalBytes, reserveBytes: 0, ...parts };
}

/** A measured footprint without margin: `neededBytes` of it is at least `bytes`. */
export function aFootprint(
  wish: Wish,
  measuredBytes: number,
  parts: Partial<KnownFootprint & FootprintKey> = {},
): SnapshotFootprint {
  const nothing = { weightsBytes: 0, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };
  return {
    artifact: wish.spec.artifact,
    engine: wish.spec.engine,
    settings: settingsKey(wish.spec),
    deviceType: 'cpu',
    outcome: 'known',
    footprint: { basis: 'measured', breakdown: nothing, measuredBytes },
    contextLength: 2048,
    slots: 4,
    ...parts,
  };
}

/** As a runner reports it. */
export function aReplica(replicaId: string, parts: Partial<SnapshotReplica> = {}): SnapshotReplica {
  return {
    replicaId,
    runnerId: 'run_a',
    state: 'ready',
    measuredBytes: 0,
    slots: 4,
    contextLength: 2048,
    message: '',
    ...parts,
  };
}

/** The fleet after the plan is written down and before any runner has heard of it. */
export function applied(snapshot: FleetSnapshot, plan: Plan): FleetSnapshot {
  const gone = new Set(plan.stop.map(({ replicaId }) => replicaId));
  const draining = new Map(plan.drain.map((drain) => [drain.replicaId, drain]));
  const changed = new Set([...plan.start, ...plan.stop, ...plan.drain].map(({ runnerId }) => runnerId));
  return {
    ...snapshot,
    runners: snapshot.runners.map((runner) =>
      changed.has(runner.runnerId) ? { ...runner, generation: runner.generation + 1 } : runner,
    ),
    assignments: [
      ...snapshot.assignments
        .filter(({ replicaId }) => !gone.has(replicaId))
        .map((assignment) => {
          const drain = draining.get(assignment.replicaId);
          if (drain === undefined) return assignment;
          return { ...assignment, drain: { reason: drain.reason, sinceMs: snapshot.nowMs } };
        }),
      ...plan.start,
    ],
    reservations: ledgerAfter(snapshot, plan),
    loadFailures: [
      ...snapshot.loadFailures.filter((old) => !plan.failures.some((fresh) => failureOf(fresh) === failureOf(old))),
      ...plan.failures,
    ],
    freshReplicaIds: snapshot.freshReplicaIds.slice(plan.start.length),
  };
}

function failureOf({ deploymentId, runnerId, deviceKey }: LoadFailure): string {
  return JSON.stringify([deploymentId, runnerId, deviceKey]);
}

function ledgerAfter(snapshot: FleetSnapshot, plan: Plan): SnapshotReservation[] {
  const released = new Set(plan.release.map(({ replicaId }) => replicaId));
  const measured = new Map(plan.measure.map(({ replicaId, measuredBytes }) => [replicaId, measuredBytes]));
  const leaving = new Map([...plan.stop, ...plan.drain].map((stop) => [stop.replicaId, stop]));
  const kept = snapshot.reservations.filter(({ replicaId }) => !released.has(replicaId));
  return [
    ...kept.map((line) => {
      const bytes = measured.get(line.replicaId);
      const stop = leaving.get(line.replicaId);
      const forDeploymentId = stop?.eviction?.forDeploymentId ?? line.releasing?.forDeploymentId;
      return {
        ...line,
        ...(bytes !== undefined && { bytes, basis: 'measured' as const }),
        ...(stop !== undefined && {
          releasing: { sinceMs: snapshot.nowMs, ...(forDeploymentId !== undefined && { forDeploymentId }) },
        }),
      };
    }),
    ...plan.start.flatMap(linesOf),
  ];
}

function linesOf({ replicaId, runnerId, deviceKey, needBytes, peers }: Start): SnapshotReservation[] {
  return [{ runnerId, deviceKey, needBytes }, ...peers].map((share) => ({
    replicaId,
    runnerId: share.runnerId,
    deviceKey: share.deviceKey,
    bytes: share.needBytes,
    basis: 'predicted',
  }));
}

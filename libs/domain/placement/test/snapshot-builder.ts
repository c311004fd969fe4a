import { settingsKey } from '../src/fleet-snapshot.js';
import type { FleetSnapshot, SnapshotFootprint, SnapshotReplica, SnapshotRunner, Wish } from '../src/fleet-snapshot.js';
import type { Plan } from '../src/plan.js';

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

/** A measured footprint without margin: `neededBytes` of it is at least `bytes`. */
export function aFootprint(wish: Wish, measuredBytes: number): SnapshotFootprint {
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
  const released = new Set(plan.release.map(({ replicaId }) => replicaId));
  const measured = new Map(plan.measure.map(({ replicaId, measuredBytes }) => [replicaId, measuredBytes]));
  const changed = new Set([...plan.start, ...plan.stop].map(({ runnerId }) => runnerId));
  return {
    ...snapshot,
    runners: snapshot.runners.map((runner) =>
      changed.has(runner.runnerId) ? { ...runner, generation: runner.generation + 1 } : runner,
    ),
    assignments: [...snapshot.assignments.filter(({ replicaId }) => !gone.has(replicaId)), ...plan.start],
    reservations: [
      ...snapshot.reservations
        .filter(({ replicaId }) => !released.has(replicaId))
        .map((line) => {
          const bytes = measured.get(line.replicaId);
          return bytes === undefined ? line : { ...line, bytes, basis: 'measured' as const };
        }),
      ...plan.start.map(({ needBytes, ...start }) => ({ ...start, bytes: needBytes, basis: 'predicted' as const })),
    ],
    loadFailures: [
      ...snapshot.loadFailures.filter((old) => !plan.failures.some((fresh) => fresh.deploymentId === old.deploymentId)),
      ...plan.failures,
    ],
    freshReplicaIds: snapshot.freshReplicaIds.slice(plan.start.length),
  };
}

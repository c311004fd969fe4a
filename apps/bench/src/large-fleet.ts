import { settingsKey, type FleetSnapshot, type Plan, type SnapshotFootprint } from '@millrace/domain/placement';

const GIBIBYTE = 1024 ** 3;
const NOW_MS = 1_000_000_000;
const DEVICES_PER_RUNNER = 8;
const REPLICAS_PER_DEPLOYMENT = 8;
/** Every fifth deployment takes two devices for each replica. */
const EVERY_GROUP = 5;

type Wish = FleetSnapshot['wishes'][number];

/** An empty fleet of two kinds of machines, and deployments of 4 to 36 GiB a device that want eight replicas each. */
export function largeFleet({ runners, deployments }: { runners: number; deployments: number }): FleetSnapshot {
  const wishes = Array.from({ length: deployments }, (_each, index) => wishOf(index));
  return {
    nowMs: NOW_MS,
    wishes,
    runners: Array.from({ length: runners }, (_each, index) => runnerOf(index)),
    assignments: [],
    replicas: [],
    reservations: [],
    footprints: wishes.flatMap((wish, index) => ['cuda-24', 'cuda-80'].map((type) => footprintOf(wish, index, type))),
    loadFailures: [],
    freshReplicaIds: freshIds('rep', deployments * REPLICAS_PER_DEPLOYMENT),
  };
}

/** The fleet once all of the plan runs and is measured. */
export function servingFleet(fleet: FleetSnapshot, { start }: Plan): FleetSnapshot {
  return {
    ...fleet,
    assignments: start,
    replicas: start.map(({ replicaId, runnerId, needBytes }) => ({
      replicaId,
      runnerId,
      state: 'ready',
      measuredBytes: needBytes,
      slots: 4,
      contextLength: 4096,
      message: '',
      activity: { readySinceMs: NOW_MS - 600_000, inFlight: 1, lastUsedAtMs: NOW_MS },
    })),
    reservations: start.flatMap((replica) =>
      [replica, ...replica.peers].map(({ runnerId, deviceKey, needBytes }) => ({
        replicaId: replica.replicaId,
        runnerId,
        deviceKey,
        bytes: needBytes,
        basis: 'measured' as const,
      })),
    ),
    freshReplicaIds: freshIds('new', DEVICES_PER_RUNNER * REPLICAS_PER_DEPLOYMENT),
  };
}

/** The runner with the most replicas is lost: what it had has to be placed anew. */
export function withoutFullestRunner(fleet: FleetSnapshot): FleetSnapshot {
  const counts = new Map<string, number>();
  for (const { runnerId } of fleet.assignments) counts.set(runnerId, (counts.get(runnerId) ?? 0) + 1);
  const [fullest] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  const runners = fleet.runners.map((runner) =>
    runner.runnerId === fullest ? { ...runner, health: 'lost' as const } : runner,
  );
  return { ...fleet, runners };
}

function wishOf(index: number): Wish {
  const spec = {
    modelName: `model-${String(index)}`,
    artifact: `hf:bench/model-${String(index)}/weights.gguf`,
    engine: 'llama-cpp',
    contextLength: 4096,
    slots: 4,
    engineOptions: {},
  };
  return {
    deploymentId: `dep_${padded(index)}`,
    spec,
    minReplicas: REPLICAS_PER_DEPLOYMENT,
    maxReplicas: REPLICAS_PER_DEPLOYMENT,
    perRunner: false,
    paused: false,
    ...(isGroup(index) && { placement: { deviceCount: 2 } }),
  };
}

function footprintOf(wish: Wish, index: number, deviceType: string): SnapshotFootprint {
  const breakdown = { weightsBytes: (4 + 2 * (index % 17)) * GIBIBYTE, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };
  return {
    artifact: wish.spec.artifact,
    engine: wish.spec.engine,
    settings: settingsKey(wish.spec),
    deviceType,
    ...(isGroup(index) && { deviceCount: 2 }),
    outcome: 'known',
    footprint: { basis: 'engine_dry_run', breakdown },
    contextLength: 4096,
    slots: 4,
  };
}

function runnerOf(index: number): FleetSnapshot['runners'][number] {
  const gibibytes = index % 3 === 0 ? 24 : 80;
  const totalBytes = gibibytes * GIBIBYTE;
  return {
    runnerId: `run_${padded(index)}`,
    name: `node-${String(index)}`,
    adminState: 'active',
    health: 'alive',
    engines: ['llama-cpp'],
    generation: 1,
    observedGeneration: 1,
    devices: Array.from({ length: DEVICES_PER_RUNNER }, (_each, device) => ({
      deviceKey: `gpu-${String(device)}`,
      deviceType: `cuda-${String(gibibytes)}`,
      totalBytes,
      freeBytes: totalBytes,
      reserveBytes: GIBIBYTE,
    })),
  };
}

function isGroup(index: number): boolean {
  return index % EVERY_GROUP === 0;
}

function freshIds(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_each, index) => `${kind}_${padded(index)}`);
}

function padded(index: number): string {
  return String(index).padStart(5, '0');
}

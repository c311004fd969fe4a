/** What a runner is to load. 0 leaves the choice to the engine. */
export interface ReplicaSpec {
  modelName: string;
  artifact: string;
  engine: string;
  contextLength: number;
  slots: number;
  engineOptions: Readonly<Record<string, unknown>>;
}

/** Where replicas of a deployment may stand. What is not given does not matter. */
export interface PlacementConstraints {
  /** The runner has all of these. */
  labels?: Readonly<Record<string, string>>;
  deviceType?: string;
  /** Exactly so many devices for each replica. */
  deviceCount?: number;
  /** Id or name of the only runner. */
  runner?: string;
  /** No two replicas of the deployment on one runner, or on one device. */
  antiAffinity?: 'runner' | 'device';
  /** A device group may reach over several runners, equally many devices on each. */
  severalRunners?: boolean;
  /** A replica may keep part of its weights in the memory of its runner's CPU. */
  cpuOffload?: boolean;
}

/** A deployment: serve this with so many replicas. */
export interface Wish {
  deploymentId: string;
  spec: ReplicaSpec;
  minReplicas: number;
  maxReplicas: number;
  /** One replica on each runner that can hold it, at most `maxReplicas`; below `minReplicas` it is not met. */
  perRunner: boolean;
  paused: boolean;
  /** The rank for memory, higher goes first; 0 when not given. */
  priority?: number;
  /** Its replicas are never evicted. */
  pinned?: boolean;
  /** A replica that nobody needs stops after so long without work; never when not given. */
  keepAliveMs?: number;
  /** How long a job of a model without replicas may wait before its load goes ahead of all other demand. */
  coldWaitMs?: number;
  placement?: PlacementConstraints;
  /** Over how many equal devices its model can be split, ascending: sizes that divide its heads. [1] when not given. */
  groupSizes?: readonly number[];
}

/** What waits for a deployment, and how fast it comes. */
export interface QueueDemand {
  deploymentId: string;
  waitingJobs: number;
  waitingTokens: number;
  oldestWaitMs: number;
  arrivalsPerSecond: number;
  arrivalTokensPerSecond: number;
  /** What one replica serves, prompt and answer together; 0 when nobody knows yet. */
  replicaTokensPerSecond: number;
}

/** Canonical JSON of what a wish leaves to the replica's settings; equal settings have equal footprints. */
export function settingsKey(spec: ReplicaSpec): string {
  return canonicalJson({
    contextLength: spec.contextLength,
    slots: spec.slots,
    engineOptions: spec.engineOptions,
  });
}

/** What of a `settingsKey` is left without context and slots: equal for wishes that differ in these only. */
export function optionsOfSettings(settings: string): string {
  return settings.replace(/^\{"contextLength":\d+,/, '{').replace(/,"slots":\d+\}$/, '}');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (isRecord(member) ? sortedByKey(member) : member));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByKey(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** How patient and how eager the planner is. Durations in milliseconds. */
export interface PlacementPolicy {
  /** A replica is not evicted, nor stopped for idleness, before it has served so long. */
  minResidencyMs: number;
  /** Of wishes that name no own bound: after it a cold model's load goes ahead of all other demand. */
  coldWaitMs: number;
  /** So long a replica may finish what it serves before it is stopped. */
  drainMs: number;
  /** Memory of a stopped replica that is still in use after this long is no longer counted on. */
  releaseMs: number;
  /** Share of a replica's speed that steady arrivals may take before another one is wanted. */
  utilisation: number;
  /** A backlog is to be worked off within this. */
  backlogMs: number;
  /** Swaps for a queue that are under way at once, as a share of the devices; one at least. */
  swapShare: number;
}

export const DEFAULT_POLICY: PlacementPolicy = {
  minResidencyMs: 30_000,
  coldWaitMs: 60_000,
  drainMs: 60_000,
  releaseMs: 60_000,
  utilisation: 0.8,
  backlogMs: 10_000,
  swapShare: 1,
};

/** The policy that a snapshot is planned by. */
export function policyOf({ policy }: { policy?: Partial<PlacementPolicy> }): PlacementPolicy {
  return { ...DEFAULT_POLICY, ...policy };
}

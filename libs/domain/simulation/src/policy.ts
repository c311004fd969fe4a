import type { Home, SimulatedFleet, SimulatedReplica } from './simulated-fleet.js';
import type { WaitingRequests } from './waiting-requests.js';
import type { SimulatedRequest } from './workload.js';

export const POLICY_NAMES = ['millrace', 'lru', 'static'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** What a policy sees when it decides. */
export interface Sight {
  nowSeconds: number;
  fleet: SimulatedFleet;
  waiting: WaitingRequests;
}

/**
 * Replicas that start now, where memory is free for them; those that take no new work and leave when they are idle;
 * those that leave at once and hand over what they work on.
 */
export interface Decision {
  start: readonly Home[];
  leave: readonly SimulatedReplica[];
  end: readonly SimulatedReplica[];
}

/** Which replicas stand where. Owns what it remembers between its decisions. */
export interface Policy {
  /** Between two decisions while anything changes; 0 decides at each change. */
  everySeconds: number;
  hear(request: SimulatedRequest): void;
  decide(sight: Sight): Decision;
}

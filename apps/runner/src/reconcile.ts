import { endKeptEngine, type KeptEngine } from '@millrace/adapters/engines';
import { ReplicaAssignment, type Assignments, type ReplicaObservation } from '@millrace/contracts/runner-protocol';
import { HostedReplica, type ReplicaTools } from './hosted-replica.js';
import type { Beginning } from './start-engine.js';

/** The newest wish a runner has seen; older ones are ignored. */
export interface Fence {
  epoch: number;
  generation: number;
}

/** Whether assignments are not older than what the runner has seen: a deposed leader may still speak. */
export function isCurrent(wish: Fence, seen: Fence): boolean {
  return wish.epoch > seen.epoch || (wish.epoch === seen.epoch && wish.generation >= seen.generation);
}

/** Owns the replicas of this runner and makes them match the newest assignments. */
export class HostedReplicas {
  private readonly hosted = new Map<string, HostedReplica>();
  private readonly stopping = new Map<string, Promise<void>>();
  private seen: Fence = { epoch: 0, generation: 0 };
  /** What an assignment must not be older than: also what former processes of this runner have seen. */
  private fence: Fence = this.seen;
  private stopped = false;

  constructor(
    private readonly tools: ReplicaTools,
    /** Called after every change of a replica's observation. */
    private readonly onChange: (assignment: ReplicaAssignment, observation: ReplicaObservation) => void,
  ) {}

  get observed(): Fence {
    return this.seen;
  }

  observations(): ReplicaObservation[] {
    return [...this.hosted.values()].map((replica) => replica.observation());
  }

  /** Of all replicas that serve. */
  slots(): { used: number; free: number } {
    const each = [...this.hosted.values()].map((replica) => replica.slots);
    const sum = (key: 'used' | 'free') => each.reduce((total, slots) => total + slots[key], 0);
    return { used: sum('used'), free: sum('free') };
  }

  /** What loaded replicas take of a device. */
  heldBytes(deviceKey: string): number {
    return [...this.hosted.values()].reduce((sum, replica) => sum + replica.heldBytes(deviceKey), 0);
  }

  /** Goes on with what a former process of this runner has left, until assignments say otherwise. Call it first. */
  adopt(engines: readonly KeptEngine[]): void {
    for (const kept of engines) {
      const fence = { epoch: kept.epoch, generation: kept.generation };
      if (isCurrent(fence, this.fence)) this.fence = fence;
      // Two are left when the former process could not have the one that it found.
      if (this.hosted.has(kept.replicaId)) this.inBackground(endKeptEngine(kept), 'end a second engine of a replica');
      else this.startOne(ReplicaAssignment.fromPartial(kept.assignment as ReplicaAssignment), { fence, kept });
    }
  }

  /** Starts what is new, stops what is not named, and lets what drains finish; what has drained is not started again. */
  reconcile(assignments: Assignments): void {
    const { epoch, generation, replicas, drainMs } = assignments;
    if (this.stopped || !isCurrent({ epoch, generation }, this.fence)) return;
    this.seen = { epoch, generation };
    this.fence = this.seen;
    const wanted = new Map(replicas.map((assignment) => [assignment.replicaId, assignment]));
    for (const [replicaId, replica] of this.hosted) {
      const assignment = wanted.get(replicaId);
      // An older scheduler does not say how long.
      if (assignment === undefined) this.stopOne(replicaId, replica, drainMs === 0 ? undefined : drainMs);
      else if (assignment.draining) this.stopOne(replicaId, replica, assignment.drainWithinMs);
    }
    for (const assignment of replicas) {
      if (!assignment.draining && !this.hosted.has(assignment.replicaId))
        this.startOne(assignment, { fence: this.seen });
    }
  }

  /** Stops everything for good, handing over what is not finished within the grace. */
  async stopAll(graceMs: number): Promise<void> {
    this.stopped = true;
    for (const [replicaId, replica] of this.hosted) {
      replica.endWithRunner();
      this.stopOne(replicaId, replica, graceMs);
    }
    await Promise.all(this.stopping.values());
  }

  private startOne(assignment: ReplicaAssignment, beginning: Beginning): void {
    const replica = new HostedReplica(assignment, this.tools, () => {
      this.onChange(assignment, replica.observation());
    });
    this.hosted.set(assignment.replicaId, replica);
    this.onChange(assignment, replica.observation());
    this.inBackground(replica.run(beginning), 'run a replica');
  }

  private stopOne(replicaId: string, replica: HostedReplica, graceMs?: number): void {
    if (this.stopping.has(replicaId)) {
      if (graceMs !== undefined) replica.handOverWithin(graceMs);
      return;
    }
    const stopped = replica.stop(graceMs).finally(() => {
      this.hosted.delete(replicaId);
      this.stopping.delete(replicaId);
      this.onChange(replica.assignment, replica.observation());
    });
    this.stopping.set(replicaId, stopped);
    this.inBackground(stopped, 'stop a replica');
  }

  private inBackground(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => {
      this.tools.logger.error({ err: error }, `could not ${what}`);
    });
  }
}

import type { SchedulerDecision } from '@millrace/adapters/postgres';
import type { FleetSnapshot, RunnerHealth } from '@millrace/domain/placement';

/** Turns changes of runners' health into lines of the log. Remembers what each was when it was seen last. */
export class HealthLog {
  private readonly seen = new Map<string, RunnerHealth>();

  /** A runner that is alive when it is first seen is no news. */
  explain({ runners, assignments }: Pick<FleetSnapshot, 'runners' | 'assignments'>): SchedulerDecision[] {
    const known = new Set(runners.map(({ runnerId }) => runnerId));
    for (const runnerId of this.seen.keys()) if (!known.has(runnerId)) this.seen.delete(runnerId);
    return runners
      .filter(({ runnerId, health }) => (this.seen.get(runnerId) ?? 'alive') !== health)
      .map(({ runnerId, name, health }) => {
        this.seen.set(runnerId, health);
        const replicas = assignments.filter((assignment) => assignment.runnerId === runnerId);
        const numbers = { runnerId, name, replicaIds: replicas.map(({ replicaId }) => replicaId) };
        return { action: 'health', reason: `runner_${health}`, numbers };
      });
  }
}

import type { Heartbeat } from '@millrace/contracts/runner-protocol';

/**
 * Whether a heartbeat says anything that cannot wait for the next pass. Ages, progress and free bytes move with each one;
 * in a large fleet a pass for each would leave time for nothing else. Owns what each runner has said last.
 */
export class ReportNews {
  private readonly said = new Map<string, string>();

  isNew(runnerId: string, { devices, replicas, observedGeneration }: Heartbeat): boolean {
    const text = JSON.stringify([
      observedGeneration,
      devices.map(({ deviceKey, deviceType, totalBytes }) => [deviceKey, deviceType, totalBytes]),
      replicas.map(({ replicaId, state, measuredBytes, inFlight }) => [replicaId, state, measuredBytes, inFlight > 0]),
    ]);
    if (this.said.get(runnerId) === text) return false;
    this.said.set(runnerId, text);
    return true;
  }

  /** The runner is connected here no more; what it says next is news. */
  forget(runnerId: string): void {
    this.said.delete(runnerId);
  }
}

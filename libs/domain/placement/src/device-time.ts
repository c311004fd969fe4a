import type { FleetIndex, Place } from './fleet-index.js';
import type { SnapshotAssignment } from './fleet-snapshot.js';

/** Of a device's time: up to this much bursts find room beside what comes steadily. */
export const CALM_SHARE = 0.3;
/** Beyond this share what runs on the device keeps waiting for one another. */
export const BUSY_SHARE = 0.8;

/** How busy known arrivals keep the devices: of each the share of its time. Owned by the plan that is made. */
export class DeviceTime {
  private readonly shares: number[] = [];

  constructor(
    private readonly fleet: FleetIndex,
    kept: ReadonlyMap<string, readonly SnapshotAssignment[]>,
  ) {
    for (const [deploymentId, own] of kept) {
      const share = this.shareOf(deploymentId, own.length);
      for (const { runnerId, deviceKey, peers = [] } of share > 0 ? own : []) {
        const places = [{ runnerId, deviceKey }, ...peers].flatMap((device) => this.fleet.place(device) ?? []);
        this.add(places, share);
      }
    }
  }

  /** Adds a replica's share to its devices, or takes it away. */
  add(places: readonly Place[], share: number): void {
    for (const { order } of places) this.shares[order] = (this.shares[order] ?? 0) + share;
  }

  at({ order }: Place): number {
    return this.shares[order] ?? 0;
  }

  /** What one of so many replicas needs of its devices' time; 0 when nobody knows. */
  shareOf(deploymentId: string, replicas: number): number {
    const demand = this.fleet.demand(deploymentId);
    if (demand === undefined || demand.replicaTokensPerSecond <= 0 || replicas <= 0) return 0;
    return Math.min(1, demand.arrivalTokensPerSecond / demand.replicaTokensPerSecond / replicas);
  }
}

import type { FleetIndex, Place, RunnerPlaces } from './fleet-index.js';
import type { SnapshotReservation } from './fleet-snapshot.js';

/** What of a device can be given to a replica, and what stands in the way. Bytes. */
export interface Room {
  /** Of the empty device: total - reserve. */
  capacityBytes: number;
  /** In the ledger. */
  reservedBytes: number;
  /** In use by others than replicas, as far as the device's own count shows. */
  unmanagedBytes: number;
  freeBytes: number;
}

/** A line of the ledger as the plan finds it. */
export interface LedgerLine {
  reservation: SnapshotReservation;
  /** As reserved, or as measured since. */
  bytes: number;
  /** Its replica is on its way out. */
  comesFree: boolean;
}

interface Account {
  reservedBytes: number;
  /** Of the reserved bytes, those that the device's own count of free bytes leaves out already. */
  allocatedBytes: number;
  /** Kept for wishes that wait for more of the device to come free. */
  earmarkedBytes: number;
  /** Of the reserved bytes, those that come free and are for anybody. */
  comingBytes: number;
  /** Those that come free for one deployment; undefined when there are none. */
  comingFor: Map<string, number> | undefined;
}

/** The ledger as the plan will leave it. Owned by one run of the planner. */
export class Ledger {
  private readonly accounts: (Account | undefined)[] = [];
  /** By the deployment that it is for; `undefined` for anybody. */
  private readonly comingRunners = new Map<string | undefined, Set<RunnerPlaces>>();
  private listener: (place: Place) => void = () => undefined;

  constructor(
    private readonly fleet: FleetIndex,
    lines: readonly LedgerLine[],
  ) {
    for (const line of lines) {
      const { replicaId, releasing } = line.reservation;
      const place = fleet.place(line.reservation);
      if (place === undefined) continue;
      const account = this.account(place);
      const state = fleet.replica(replicaId)?.state;
      account.reservedBytes += line.bytes;
      if (state === 'ready' || state === 'draining') account.allocatedBytes += line.bytes;
      if (line.comesFree) this.expect(place, line.bytes, releasing?.forDeploymentId);
    }
  }

  /** Hears of each device whose free bytes change. */
  onChange(listener: (place: Place) => void): void {
    this.listener = listener;
  }

  /** Sets bytes aside for a replica that starts. */
  reserve(place: Place, bytes: number): void {
    this.account(place).reservedBytes += bytes;
    this.listener(place);
  }

  /** Keeps bytes for a wish that waits for the rest of them, so that no later wish takes them. */
  earmark(place: Place, bytes: number): void {
    this.account(place).earmarkedBytes += bytes;
    this.listener(place);
  }

  /** Counts on reserved bytes to come free, for anybody or for one deployment. */
  expect(place: Place, bytes: number, forDeploymentId?: string): void {
    const account = this.account(place);
    if (forDeploymentId === undefined) account.comingBytes += bytes;
    else {
      account.comingFor ??= new Map();
      account.comingFor.set(forDeploymentId, (account.comingFor.get(forDeploymentId) ?? 0) + bytes);
    }
    const runner = this.fleet.runner(place.runner.runnerId);
    const runners = this.comingRunners.get(forDeploymentId) ?? new Set<RunnerPlaces>();
    if (runner !== undefined) this.comingRunners.set(forDeploymentId, runners.add(runner));
  }

  /** Free for a replica that starts now. */
  freeBytes(place: Place): number {
    return Math.max(0, this.leftBytes(place));
  }

  /** Free for a replica of the deployment once everything that it may count on has come free. */
  freeSoonBytes(place: Place, deploymentId: string): number {
    return Math.max(0, this.leftSoonBytes(place, deploymentId));
  }

  /** The same, below 0 by what is missing on an over-committed device. */
  leftSoonBytes(place: Place, deploymentId: string): number {
    return this.leftBytes(place) + this.comingBytes(place, deploymentId);
  }

  /** Reserved bytes that come free and that the deployment may count on. */
  comingBytes(place: Place, deploymentId: string): number {
    const account = this.accounts[place.order];
    return account === undefined ? 0 : account.comingBytes + (account.comingFor?.get(deploymentId) ?? 0);
  }

  /** Runners with memory that comes free and that the deployment may count on, in order. */
  runnersWithComingMemory(deploymentId: string): RunnerPlaces[] {
    const forAnybody = this.comingRunners.get(undefined) ?? [];
    const forIt = this.comingRunners.get(deploymentId) ?? [];
    return [...new Set([...forAnybody, ...forIt])].sort((a, b) => (a.runner.runnerId < b.runner.runnerId ? -1 : 1));
  }

  room(place: Place): Room {
    const { device } = place;
    const account = this.accounts[place.order];
    return {
      capacityBytes: capacityBytes(place),
      reservedBytes: account?.reservedBytes ?? 0,
      unmanagedBytes: Math.max(0, device.totalBytes - device.freeBytes - (account?.allocatedBytes ?? 0)),
      freeBytes: this.freeBytes(place),
    };
  }

  /** min(total - reserve - ledger, live free - reserved but not yet allocated) - earmarked; below 0 when over-committed. */
  private leftBytes(place: Place): number {
    const account = this.accounts[place.order];
    if (account === undefined) return Math.min(capacityBytes(place), place.device.freeBytes);
    const { reservedBytes, allocatedBytes, earmarkedBytes } = account;
    const unallocatedBytes = reservedBytes - allocatedBytes;
    return Math.min(capacityBytes(place) - reservedBytes, place.device.freeBytes - unallocatedBytes) - earmarkedBytes;
  }

  private account(place: Place): Account {
    const known = this.accounts[place.order];
    if (known !== undefined) return known;
    const account = { reservedBytes: 0, allocatedBytes: 0, earmarkedBytes: 0, comingBytes: 0, comingFor: undefined };
    this.accounts[place.order] = account;
    return account;
  }
}

/** What replicas can have of the empty device. */
export function capacityBytes({ device }: Place): number {
  return device.totalBytes - device.reserveBytes;
}

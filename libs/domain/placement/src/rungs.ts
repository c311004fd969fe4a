import { neededBytes } from '@millrace/domain/footprint';
import type { FleetIndex, Place } from './fleet-index.js';
import type { FootprintKey, KnownFootprint, SnapshotFootprint } from './fleet-snapshot.js';
import type { Layout } from './plan.js';
import type { Wish } from './wish.js';

/** One way to lay a replica out, tried in order. */
export interface Rung {
  layout: Layout;
  deviceCount: number;
  /** A CPU is a device of its own only where no accelerator takes the replica. */
  onCpu: boolean;
}

/** What a replica takes of each device, the most first, and of the CPU's memory beside them. */
export interface Need {
  footprint: KnownFootprint;
  deviceBytes: readonly number[];
  hostBytes: number;
}

/** Bytes that a load moves in a second, and what a process takes to start, where nobody has measured a load. */
const LOAD_BYTES_PER_SECOND = 2.5e9;
const PROCESS_START_MS = 8_000;

/** The ladder of a wish: one device, the smallest group on one runner, several runners, part on the CPU, all on it. */
export function rungsOf({ placement, groupSizes }: Wish): Rung[] {
  const sizes = placement?.deviceCount === undefined ? (groupSizes ?? [1]) : [placement.deviceCount];
  const groups = sizes.filter((size) => size > 1);
  const rung = (layout: Layout, deviceCount: number, onCpu = false): Rung => ({ layout, deviceCount, onCpu });
  const one = sizes.includes(1);
  return [
    ...(one ? [rung('one_device', 1)] : []),
    ...groups.map((size) => rung('device_group', size)),
    ...(placement?.severalRunners === true ? groups.map((size) => rung('several_runners', size)) : []),
    ...(one && placement?.cpuOffload === true ? [rung('cpu_offload', 1)] : []),
    ...(one ? [rung('one_device', 1, true)] : []),
  ];
}

/** Whether the rung stands on devices of this type. */
export function standsOn({ onCpu }: Rung, deviceType: string): boolean {
  return (deviceType === 'cpu') === onCpu;
}

/** The footprint that has to be known for the rung on this type of device. */
export function footprintKeyOf(fleet: FleetIndex, wish: Wish, on: { rung: Rung; deviceType: string }): FootprintKey {
  const { layout, deviceCount } = on.rung;
  return {
    artifact: wish.spec.artifact,
    engine: wish.spec.engine,
    settings: fleet.settings(wish),
    deviceType: on.deviceType,
    ...(deviceCount > 1 && { deviceCount }),
    ...(layout === 'cpu_offload' && { offloaded: true }),
  };
}

export function needOf(known: KnownFootprint, rung: Rung): Need {
  const first = neededBytes(known.footprint);
  const peers = known.peers?.map(neededBytes) ?? Array.from({ length: rung.deviceCount - 1 }, () => first);
  return {
    footprint: known,
    deviceBytes: [first, ...peers].sort((a, b) => b - a),
    hostBytes: known.host === undefined ? 0 : neededBytes(known.host),
  };
}

/** How long a load takes, as measured or as its weights let expect. */
export function loadSeconds({ loadMs, footprint }: KnownFootprint): number {
  if (loadMs !== undefined) return loadMs / 1_000;
  return PROCESS_START_MS / 1_000 + footprint.breakdown.weightsBytes / LOAD_BYTES_PER_SECOND;
}

/** What is known of a replica of the wish on a device of this type, laid out as it is or would be. */
export function knownFootprint(
  fleet: FleetIndex,
  wish: Wish,
  on: { rung: Rung; place: Place },
): SnapshotFootprint | undefined {
  return fleet.footprint(footprintKeyOf(fleet, wish, { rung: on.rung, deviceType: on.place.device.deviceType }));
}

import { dryRun, type ObservedSnapshot } from './dry-run.js';
import { emptiedFleet } from './emptied-fleet.js';
import type { PeerDevice, SnapshotDevice, SnapshotFootprint, SnapshotRunner } from './fleet-snapshot.js';
import type { EstimateWish, Plan, Start } from './plan.js';
import type { Rejection } from './rejection.js';
import { settingsKey, type Wish } from './wish.js';

/** What one device would do with a replica. `unknown`: nobody has asked an engine yet how much it takes there. */
export interface DeviceVerdict {
  runner: Pick<SnapshotRunner, 'runnerId' | 'name'>;
  device: SnapshotDevice;
  fits: 'now' | 'when_empty' | 'never' | 'unknown';
  /** On this device, where it fits. */
  needBytes?: number;
  /** Why not now. */
  rejection?: Rejection;
}

/** Where a replica of a wish could stand, and why not elsewhere. */
export interface Evaluation {
  /** What is known of it, by type and number of devices. */
  footprints: readonly SnapshotFootprint[];
  devices: readonly DeviceVerdict[];
  /** Devices of a large fleet that are not told of. */
  unnamedDevices: number;
  /** What would be asked, and whom. */
  estimate: readonly EstimateWish[];
}

/** One evaluation looks for so many places at the most. */
const MOST_PLACES = 100;
const EVALUATED = 'evaluated';

/**
 * Asks the planner for a replica of the wish on every device: beside what is there, without evicting anybody, and on the
 * same fleet without any replicas, all of its runners there and active.
 */
export function evaluateWish(snapshot: ObservedSnapshot, wish: Wish): Evaluation {
  const asked = onEveryDevice(snapshot, wish);
  const others = snapshot.wishes.map((other) => ({ ...other, pinned: true }));
  const now = dryRun({ ...snapshot, wishes: [...others, asked] });
  const empty = dryRun({ ...emptiedFleet(snapshot), wishes: [asked] });
  const settings = settingsKey(wish.spec);
  const isOfWish = (key: { artifact: string; engine: string; settings: string }) =>
    key.artifact === wish.spec.artifact && key.engine === wish.spec.engine && key.settings === settings;
  const verdicts = new Verdicts(now, empty);
  const devices = snapshot.runners.flatMap((runner) =>
    runner.devices.flatMap((device) => verdicts.of(runner, device) ?? []),
  );
  const all = snapshot.runners.reduce((sum, runner) => sum + runner.devices.length, 0);
  return {
    footprints: snapshot.footprints.filter(isOfWish),
    devices,
    unnamedDevices: all - devices.length,
    estimate: empty.estimate.filter(({ footprint }) => isOfWish(footprint)),
  };
}

/** Behind everything that is wished already. */
function onEveryDevice(snapshot: ObservedSnapshot, wish: Wish): Wish {
  const count = snapshot.runners.reduce((sum, { devices }) => sum + devices.length, 0);
  const replicas = Math.min(MOST_PLACES, Math.max(1, count));
  return {
    ...wish,
    ...{ deploymentId: EVALUATED, minReplicas: replicas, maxReplicas: replicas, perRunner: false, paused: false },
    priority: Number.MIN_SAFE_INTEGER,
    placement: { ...wish.placement, antiAffinity: wish.placement?.antiAffinity ?? 'device' },
  };
}

/** The outcome of both plans, by device. */
class Verdicts {
  private readonly now: Map<string, number>;
  private readonly whenEmpty: Map<string, number>;
  private readonly whyNotNow: Map<string, Rejection>;
  private readonly whyNever: Map<string, Rejection>;

  constructor(now: Plan, empty: Plan) {
    this.now = placesOf(now);
    this.whenEmpty = placesOf(empty);
    this.whyNotNow = rejectionsOf(now);
    this.whyNever = rejectionsOf(empty);
  }

  /** Undefined for a device that neither plan speaks of. */
  of({ runnerId, name }: SnapshotRunner, device: SnapshotDevice): DeviceVerdict | undefined {
    const text = textOf({ runnerId, deviceKey: device.deviceKey });
    const subject = { runner: { runnerId, name }, device };
    const needNow = this.now.get(text);
    if (needNow !== undefined) return { ...subject, fits: 'now', needBytes: needNow };
    const never = this.whyNever.get(text);
    const rejection = this.whyNotNow.get(text) ?? never;
    const why = rejection === undefined ? {} : { rejection };
    const needEmpty = this.whenEmpty.get(text);
    if (needEmpty !== undefined) return { ...subject, fits: 'when_empty', needBytes: needEmpty, ...why };
    if (rejection === undefined) return undefined;
    return { ...subject, fits: never?.reason === 'awaiting_footprint' ? 'unknown' : 'never', ...why };
  }
}

/** What each device would give, by device. */
function placesOf({ start }: Plan): Map<string, number> {
  const own = start.filter(({ deploymentId }) => deploymentId === EVALUATED);
  const shares = own.flatMap((each): (PeerDevice & Pick<Start, 'needBytes'>)[] => [each, ...each.peers]);
  return new Map(shares.map((share) => [textOf(share), share.needBytes]));
}

function rejectionsOf({ unplaced }: Plan): Map<string, Rejection> {
  const own = unplaced.find(({ deploymentId }) => deploymentId === EVALUATED);
  return new Map((own?.rejected ?? []).map((rejection) => [textOf(rejection), rejection]));
}

function textOf({ runnerId, deviceKey }: PeerDevice): string {
  return `${runnerId}\u0000${deviceKey}`;
}

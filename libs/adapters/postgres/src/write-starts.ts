import type { Start } from '@millrace/domain/placement';
import type { EntityManager } from 'typeorm';

/** What one start takes of one device. */
interface Share {
  runnerId: string;
  deviceKey: string;
  needBytes: number;
}

/** In which term a start is written, and as which version of its runner's assignments. */
export interface StartVersion {
  epoch: number;
  generations: ReadonlyMap<string, number>;
}

/**
 * Writes down the starts whose devices, as they are now, have room for them and whose runners take replicas; a group is
 * written whole or not at all. Answers those that were refused.
 */
export async function writeStarts(
  transaction: EntityManager,
  starts: readonly Start[],
  version: StartVersion,
): Promise<Start[]> {
  if (starts.length === 0) return [];
  const room = await lockRoom(transaction, starts.flatMap(sharesOf));
  const granted = starts.filter((start) => takeRoom(room, sharesOf(start)));
  const lines = granted.flatMap((start) => sharesOf(start).map((share) => ({ ...share, replicaId: start.replicaId })));
  await transaction.query(RESERVE, [JSON.stringify(lines), version.epoch]);
  const assignments = granted.map(({ peers, ...start }) => ({
    ...start,
    peers: peers.map(({ runnerId, deviceKey }) => ({ runnerId, deviceKey })),
    generation: version.generations.get(start.runnerId),
  }));
  await transaction.query(ASSIGN, [JSON.stringify(assignments), version.epoch]);
  return starts.filter((start) => !granted.includes(start));
}

function sharesOf({ runnerId, deviceKey, needBytes, peers }: Start): Share[] {
  return [{ runnerId, deviceKey, needBytes }, ...peers];
}

/** Locks the devices, then adds the ledger up: nobody changes it meanwhile. Devices of cordoned runners have no room. */
async function lockRoom(transaction: EntityManager, shares: readonly Share[]): Promise<Map<string, number>> {
  const devices = JSON.stringify(shares.map(({ runnerId, deviceKey }) => ({ runnerId, deviceKey })));
  await transaction.query(LOCK_DEVICES, [devices]);
  const rows = await transaction.query<{ runnerId: string; deviceKey: string; freeBytes: string }[]>(ROOM, [devices]);
  return new Map(rows.map((row) => [deviceText(row), Number(row.freeBytes)]));
}

/** Takes the room of all shares, or none. */
function takeRoom(room: Map<string, number>, shares: readonly Share[]): boolean {
  const fits = shares.every((share) => (room.get(deviceText(share)) ?? -1) >= share.needBytes);
  if (!fits) return false;
  for (const share of shares) {
    const device = deviceText(share);
    room.set(device, (room.get(device) ?? 0) - share.needBytes);
  }
  return true;
}

function deviceText({ runnerId, deviceKey }: Pick<Share, 'runnerId' | 'deviceKey'>): string {
  return `${runnerId}\u0000${deviceKey}`;
}

const DEVICES = `jsonb_to_recordset($1::jsonb) AS device ("runnerId" text, "deviceKey" text)`;

/** In one order, so that no two transactions wait for each other. */
const LOCK_DEVICES = `
  SELECT FROM devices
  WHERE (runner_id, device_key) IN (SELECT "runnerId", "deviceKey" FROM ${DEVICES})
  ORDER BY runner_id, device_key FOR UPDATE`;

const ROOM = `
  SELECT runner_id AS "runnerId", device_key AS "deviceKey", total_bytes - reserve_bytes - (
    SELECT coalesce(sum(bytes), 0) FROM device_reservations line
    WHERE line.runner_id = devices.runner_id AND line.device_key = devices.device_key) AS "freeBytes"
  FROM devices JOIN runners ON runners.id = devices.runner_id AND admin_state = 'active'
  WHERE (runner_id, device_key) IN (SELECT "runnerId", "deviceKey" FROM ${DEVICES})`;

const RESERVE = `
  INSERT INTO device_reservations (runner_id, device_key, replica_id, bytes, epoch)
  SELECT "runnerId", "deviceKey", "replicaId", "needBytes", $2::bigint
  FROM jsonb_to_recordset($1::jsonb) AS line ("runnerId" text, "deviceKey" text, "replicaId" text, "needBytes" bigint)`;

const ASSIGN = `
  INSERT INTO assignments (replica_id, runner_id, deployment_id, device_key, peers, spec, settings, generation, epoch)
  SELECT "replicaId", "runnerId", "deploymentId", "deviceKey", peers, spec, settings, generation, $2::bigint
  FROM jsonb_to_recordset($1::jsonb) AS start (
    "replicaId" text, "runnerId" text, "deploymentId" text, "deviceKey" text, peers jsonb, spec jsonb, settings text,
    generation bigint)`;

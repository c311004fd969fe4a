import { readDevices, simulateDevices, type ObservedDevice } from '@millrace/adapters/devices';
import type { HostedReplicas } from './reconcile.js';

/** The devices of this runner as they are right now. */
export type ObserveDevices = (replicas: Pick<HostedReplicas, 'heldBytes'>) => Promise<ObservedDevice[]>;

/** Those of this machine, or those that a file describes. Throws one sentence for a file that is not valid. */
export async function chooseDevices(devicesFile: string | undefined): Promise<ObserveDevices> {
  if (devicesFile === undefined) return readDevices;
  const devices = await simulateDevices(devicesFile);
  return async (replicas) => devices((deviceKey) => replicas.heldBytes(deviceKey));
}

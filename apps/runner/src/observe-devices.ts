import { NvidiaDevices, readDevices, simulateDevices, type ObservedDevice } from '@millrace/adapters/devices';
import type { HostedReplicas } from './reconcile.js';

/** The devices of this runner as they are right now. */
export type ObserveDevices = (replicas: Pick<HostedReplicas, 'heldBytes'>) => Promise<ObservedDevice[]>;

/**
 * Those of this machine, its CPU first, or those that a file describes. `onProblem` hears why some cannot be read.
 * Throws one sentence for a file that is not valid.
 */
export async function chooseDevices(
  devicesFile: string | undefined,
  onProblem: (problem: string) => void,
): Promise<ObserveDevices> {
  if (devicesFile === undefined) {
    const nvidia = new NvidiaDevices(onProblem);
    return async () => {
      const [machine, gpus] = await Promise.all([readDevices(), nvidia.read()]);
      // An empty list says that they are not read yet; the CPU alone would say that the GPUs are gone.
      return gpus === undefined ? [] : [...machine, ...gpus];
    };
  }
  const devices = await simulateDevices(devicesFile);
  return async (replicas) => devices((deviceKey) => replicas.heldBytes(deviceKey));
}

/**
 * Why an engine cannot compute on devices of a type; undefined when it can. Devices that are simulated have the type
 * that their file says, and take every engine.
 */
export function whyNotOn(deviceType: string, engine: string): string | undefined {
  if (engine !== 'llama-cpp' || !deviceType.startsWith('nvidia-')) return undefined;
  return `The engine llama-cpp of this runner computes on its CPU, and not on ${deviceType}.`;
}

import type { Place } from './fleet-index.js';
import type { LoadFailure } from './fleet-snapshot.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** A failure that long ago says nothing about the next load. */
const FORGET_AFTER_MS = 600_000;

/** When the deployment may be tried on the device again: each failure in a row doubles the wait. */
export function retryAtMs(failure: Pick<LoadFailure, 'failures' | 'failedAtMs'>): number {
  return failure.failedAtMs + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failure.failures - 1));
}

/** The newest failures by deployment and device. */
export class Quarantine {
  private readonly byDeployment = new Map<string, Map<string, LoadFailure>>();

  constructor(
    failures: readonly LoadFailure[],
    private readonly nowMs: number,
  ) {
    for (const failure of failures) this.add(failure);
  }

  /** Whether the deployment failed anywhere. */
  knows(deploymentId: string): boolean {
    return this.byDeployment.has(deploymentId);
  }

  /** What still counts for a replica with these settings on the device. */
  failure(deploymentId: string, settings: string, { runner, device }: Place): LoadFailure | undefined {
    const failure = this.byDeployment.get(deploymentId)?.get(deviceText(runner.runnerId, device.deviceKey));
    return failure !== undefined && this.isRemembered(failure, settings) ? failure : undefined;
  }

  /** Remembers one more failure. */
  learn(failed: Omit<LoadFailure, 'failures' | 'failedAtMs'>): LoadFailure {
    const device = deviceText(failed.runnerId, failed.deviceKey);
    const earlier = this.byDeployment.get(failed.deploymentId)?.get(device);
    const inARow = earlier !== undefined && this.isRemembered(earlier, failed.settings) ? earlier.failures : 0;
    const failure = { ...failed, failures: inARow + 1, failedAtMs: this.nowMs };
    this.add(failure);
    return failure;
  }

  private isRemembered(failure: LoadFailure, settings: string): boolean {
    return failure.settings === settings && this.nowMs - failure.failedAtMs < FORGET_AFTER_MS;
  }

  private add(failure: LoadFailure): void {
    const devices = this.byDeployment.get(failure.deploymentId) ?? new Map<string, LoadFailure>();
    devices.set(deviceText(failure.runnerId, failure.deviceKey), failure);
    this.byDeployment.set(failure.deploymentId, devices);
  }
}

function deviceText(runnerId: string, deviceKey: string): string {
  return `${runnerId}\u0000${deviceKey}`;
}

import type { ObservedSnapshot } from './dry-run.js';

/** The fleet without any replica and without anybody else's use, all of its runners there and active. */
export function emptiedFleet(snapshot: ObservedSnapshot): ObservedSnapshot {
  const runners = snapshot.runners.map((runner) => ({
    ...runner,
    ...{ health: 'alive' as const, adminState: 'active' as const },
    devices: runner.devices.map((device) => ({ ...device, freeBytes: device.totalBytes })),
  }));
  return { ...snapshot, runners, assignments: [], replicas: [], reservations: [], loadFailures: [], demand: [] };
}

import { availableParallelism } from 'node:os';
import { planPlacements, type FleetSnapshot } from '@millrace/domain/placement';
import { largeFleet, servingFleet, withoutFullestRunner } from './large-fleet.js';
import { machineBusyMs } from './measure/machine-busy.js';
import { median } from './report/median-values.js';

/** Plans before the first one that counts: the engine compiles what is hot. */
const WARM_UP = 5;

/** Milliseconds of one plan; medians of the rounds. */
export interface PlanFigures {
  runners: number;
  devices: number;
  deployments: number;
  replicas: number;
  /** From an empty fleet: everything is placed. */
  fullMs: number;
  /** All is in place, and nothing is to do. */
  unchangedMs: number;
  /** One runner of the fleet is lost: its replicas are placed anew. */
  incrementalMs: number;
  /** How many that were. */
  placedAnew: number;
  /** Of the machine's processor time meanwhile, what other processes took. */
  otherShare: number;
}

/** How long the planner takes for a fleet of eight devices a runner and eight replicas a deployment. */
export function measurePlans(fleet: { runners: number; deployments: number; rounds: number }): PlanFigures {
  const empty = largeFleet(fleet);
  const full = planPlacements(empty);
  const serving = servingFleet(empty, full);
  const lost = withoutFullestRunner(serving);
  const { rounds } = fleet;
  const otherShare = shareOfOthers();
  return {
    runners: fleet.runners,
    deployments: fleet.deployments,
    devices: empty.runners.reduce((sum, { devices }) => sum + devices.length, 0),
    replicas: full.start.length,
    fullMs: planMs(empty, rounds),
    unchangedMs: planMs(serving, rounds),
    incrementalMs: planMs(lost, rounds),
    placedAnew: planPlacements(lost).start.length,
    otherShare: otherShare(),
  };
}

/** Begins to watch the machine; the answer tells what others took since. */
function shareOfOthers(): () => number {
  const [sinceMs, busyMs, own] = [performance.now(), machineBusyMs(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(own);
    const allMs = (performance.now() - sinceMs) * availableParallelism();
    return Math.max(0, (machineBusyMs() - busyMs - (user + system) / 1_000) / allMs);
  };
}

function planMs(snapshot: FleetSnapshot, rounds: number): number {
  const tries = Array.from({ length: WARM_UP + rounds }, () => {
    const beganMs = performance.now();
    planPlacements(snapshot);
    return performance.now() - beganMs;
  });
  return median(tries.slice(WARM_UP));
}

import { EngineError, type EngineDriver, type EngineReplica, type KeptEngine } from '@millrace/adapters/engines';
import type { ReplicaAssignment } from '@millrace/contracts/runner-protocol';
import type { ReplicaTools } from './hosted-replica.js';
import type { Keeping } from './keep-engines.js';
import type { Fence } from './reconcile.js';
import { loadSettings } from './replica-settings.js';

/** What a replica begins with. */
export interface Beginning {
  /** Of the wish that it follows from. */
  fence: Fence;
  /** What a former process of this runner has left of it. */
  kept?: KeptEngine;
}

/** Hears how replicas come by their engines. */
export interface StartObserver {
  started(how: 'loaded' | 'adopted'): void;
}

export interface EngineStart extends Beginning {
  assignment: ReplicaAssignment;
  onProgress: (progress: number) => void;
  /** Aborts when the replica is no longer wanted. */
  signal: AbortSignal;
}

/** The engine of a replica, and how long its load took: 0 for one that was adopted. Throws EngineError. */
export async function startEngine(
  start: EngineStart,
  tools: ReplicaTools,
): Promise<{ replica: EngineReplica; loadMs: number }> {
  const driver = tools.drivers.get(start.assignment.spec?.engine ?? '');
  if (driver === undefined) {
    throw new EngineError('load_failed', `This runner has no engine named "${start.assignment.spec?.engine ?? ''}".`);
  }
  const adopted = await adopt(driver, start, tools);
  if (adopted !== undefined) {
    tools.observer?.started('adopted');
    return { replica: adopted, loadMs: 0 };
  }
  const loaded = await load(driver, start, tools);
  tools.observer?.started('loaded');
  return loaded;
}

/** Undefined when nothing was left, or when it cannot be had. */
async function adopt(
  driver: EngineDriver,
  { kept, assignment: { replicaId } }: EngineStart,
  { logger }: ReplicaTools,
): Promise<EngineReplica | undefined> {
  if (kept === undefined) return undefined;
  try {
    const replica = await driver.adopt(kept);
    logger.info({ replicaId, enginePid: replica.pid }, 'the replica goes on with the engine that was kept');
    return replica;
  } catch (error) {
    logger.warn({ err: error, replicaId, enginePid: kept.pid }, 'the replica is loaded again');
    return undefined;
  }
}

async function load(
  driver: EngineDriver,
  { assignment, fence, onProgress, signal }: EngineStart,
  tools: ReplicaTools,
): Promise<{ replica: EngineReplica; loadMs: number }> {
  const settings = await loadSettings(assignment.spec, tools, signal);
  const keep = tools.keeping && keepReplica(tools.keeping, assignment, fence);
  const beganAtMs = performance.now();
  const replica = await driver.load({ ...settings, ...(keep !== undefined && { keep }) }, onProgress, signal);
  if (replica.notKept !== undefined) {
    tools.logger.warn({ reason: replica.notKept }, 'the engine ends with this runner');
  }
  return { replica, loadMs: Math.round(performance.now() - beganAtMs) };
}

function keepReplica(keeping: Keeping, assignment: ReplicaAssignment, { epoch, generation }: Fence) {
  return { ...keeping, replicaId: assignment.replicaId, epoch, generation, assignment };
}

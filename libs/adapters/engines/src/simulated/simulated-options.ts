import { simulatedOptionsSchema, type SimulatedOptions } from '@millrace/domain/models';
import { EngineError } from '../engine-driver.js';
import type { FootprintBreakdown, ReplicaSettings } from '../engine-driver.js';

/** Raised when a simulated replica measures something else than before for the same options. */
const SIMULATION_VERSION = '1';

/** Reads what to simulate. Throws EngineError `load_failed` that names what is wrong. */
export function readSimulatedOptions({ artifactPath, engineOptions }: ReplicaSettings): SimulatedOptions {
  if (!/^simulated:[\w.-]+$/.test(artifactPath)) {
    throw new EngineError('load_failed', 'The artifact of a simulated model has to be simulated:NAME.');
  }
  const parsed = simulatedOptionsSchema.safeParse(engineOptions);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = ['engineOptions', ...(issue?.path ?? [])].join('.');
  throw new EngineError('load_failed', `${field} is not valid for simulated: ${issue?.message ?? 'unreadable'}.`);
}

/** The footprint and the capacity that the options ask for; the estimate and the load ask the same function. */
export function simulatedFootprint(settings: ReplicaSettings, options: SimulatedOptions): FootprintBreakdown {
  const contextLength = Math.min(settings.contextLength ?? options.contextLength, options.contextLength);
  const slots = settings.slots ?? options.slots;
  return {
    basis: 'engine_dry_run',
    engineVersion: SIMULATION_VERSION,
    weightsBytes: options.weightsBytes,
    kvBytes: options.kvBytesPerToken * contextLength * slots,
    computeBytes: 0,
    overheadBytes: options.overheadBytes,
    contextLength,
    slots,
  };
}

import type { EngineDriver } from '../engine-driver.js';
import { compiledHost } from '../engine-host/host-process.js';
import { ProcessDriver } from '../engine-host/process-driver.js';
import type { ProcessDriverOptions } from '../engine-host/process-driver.js';
import { readSimulatedOptions } from './simulated-options.js';

/**
 * An engine without a model, for tests, benchmarks and trials of a fleet: its text follows from the messages and the
 * seed, its speed and its footprint from the model's `engineOptions`.
 */
export function createSimulatedDriver(options: ProcessDriverOptions = {}): EngineDriver {
  return new ProcessDriver(
    {
      engine: 'simulated',
      continuation: 'replay',
      hostPath: () => compiledHost('simulated'),
      checkSettings: readSimulatedOptions,
    },
    options,
  );
}

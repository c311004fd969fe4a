import type { EngineDriver } from '../engine-driver.js';
import { compiledHost } from '../engine-host/host-process.js';
import { ProcessDriver } from '../engine-host/process-driver.js';
import type { ProcessDriverOptions } from '../engine-host/process-driver.js';
import { readEngineOptions } from './engine-options.js';

/** llama.cpp on this machine's CPU. Its answers continue byte by byte; see docs/adr. */
export function createLlamaCppDriver(options: ProcessDriverOptions = {}): EngineDriver {
  return new ProcessDriver(
    {
      engine: 'llama-cpp',
      continuation: 'replay',
      hostPath: () => compiledHost('llama-cpp'),
      checkSettings: (settings) => readEngineOptions(settings.engineOptions),
    },
    options,
  );
}

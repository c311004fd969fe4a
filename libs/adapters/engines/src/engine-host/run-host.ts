import { Socket } from 'node:net';
import { EngineHost } from './engine-host.js';
import { RUNNER_FD } from './host-protocol.js';
import type { HostedEngine } from './hosted-engine.js';

/**
 * Makes this process the host of an engine: started by the driver and spoken to over a socket that both have from the
 * beginning. A broken file or a failed assertion of the engine ends this process and nothing else.
 */
export function runHost(engine: HostedEngine): void {
  process.title = 'millrace-engine';
  // Ctrl-C reaches the whole terminal group; the runner decides when this process ends.
  process.on('SIGINT', () => undefined);
  // A runner that is gone reads no last words.
  process.stderr.on('error', () => undefined);
  new EngineHost(engine).begin(new Socket({ fd: RUNNER_FD }));
}

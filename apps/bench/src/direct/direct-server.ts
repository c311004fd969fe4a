import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SimulatedModel } from '../workload.js';
import type { ServesDirectly } from './direct-messages.js';

const PROGRAM = fileURLToPath(new URL('./serve-direct.js', import.meta.url));

export interface DirectServer {
  port: number;
  pid: number;
  enginePid: number;
  stop: () => void;
}

/** Starts the simulated engine with a plain HTTP server in front of it. */
export async function startDirectServer(model: SimulatedModel): Promise<DirectServer> {
  const child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit').then((): [ServesDirectly] => [{ error: 'it has ended' }]);
  child.send({ model });
  const [reply] = (await Promise.race([once(child, 'message'), exited])) as [ServesDirectly];
  if ('error' in reply) throw new Error(`The direct server could not start: ${reply.error}`);
  return { ...reply, pid: child.pid ?? 0, stop: () => child.kill() };
}

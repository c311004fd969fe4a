import { cpus } from 'node:os';

/** Milliseconds that the machine's cores have worked since it started, added up. */
export function machineBusyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

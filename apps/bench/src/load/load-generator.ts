import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReply, LoadResult } from './load-order.js';

const PROGRAM = fileURLToPath(new URL('./generate-load.js', import.meta.url));

/** The bench's side of the load generator's process. */
export class LoadGenerator {
  private readonly child: ChildProcess = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  private readonly gone = once(this.child, 'exit').then(() => {
    throw new Error('The load generator has ended.');
  });

  constructor() {
    this.gone.catch(() => undefined);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Carries out one order. Throws when the generator itself fails; answers that fail are counted in the result. */
  async run(order: LoadOrder): Promise<LoadResult> {
    const heard = once(this.child, 'message');
    this.child.send(order);
    const [reply] = (await Promise.race([heard, this.gone])) as [LoadReply];
    if ('error' in reply) throw new Error(`The load generator failed: ${reply.error}`);
    return reply.result;
  }

  stop(): void {
    this.child.kill();
  }
}

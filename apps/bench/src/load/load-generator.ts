import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Counting, LoadOrder, LoadReply, LoadResult } from './load-order.js';

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

  /**
   * Carries out one order; `onCounting` is called as its counting begins and ends.
   * Throws when the generator itself fails; answers that fail are counted in the result.
   */
  async run(order: LoadOrder, onCounting: (counting: Counting) => void = () => undefined): Promise<LoadResult> {
    let listener: ((reply: LoadReply) => void) | undefined;
    const result = new Promise<LoadResult>((resolve, reject) => {
      listener = (reply) => {
        if ('counting' in reply) onCounting(reply.counting);
        else if ('error' in reply) reject(new Error(`The load generator failed: ${reply.error}`));
        else resolve(reply.result);
      };
      this.child.on('message', listener);
    });
    this.child.send(order);
    try {
      return await Promise.race([result, this.gone]);
    } finally {
      if (listener !== undefined) this.child.off('message', listener);
    }
  }

  stop(): void {
    this.child.kill();
  }
}

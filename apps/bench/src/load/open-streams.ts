import { setTimeout as wait } from 'node:timers/promises';
import { Caller } from './caller.js';
import type { LoadOrder, LoadResult } from './load-order.js';
import { Tally } from './tally.js';

/** Streams that stay open until they are closed. Owns their connections. */
export class OpenStreams {
  private caller: Caller | undefined;

  /** Resolves when every stream has begun or failed. */
  async open(order: LoadOrder & { kind: 'open-streams' }): Promise<LoadResult> {
    const { endpoint, streams, perSecond } = order;
    const caller = new Caller(endpoint);
    this.caller = caller;
    const tally = new Tally();
    const started: Promise<void>[] = [];
    for (let n = 0; n < streams; n += 1) {
      const askedAtMs = performance.now();
      const request = caller.ask();
      started.push(
        request.started.then(async (begun) =>
          tally.count(begun ? { firstTokenAtMs: performance.now(), complete: true } : await request.ended, askedAtMs),
        ),
      );
      await wait(1_000 / perSecond);
    }
    await Promise.all(started);
    return tally.result();
  }

  close(): LoadResult {
    this.caller?.close();
    this.caller = undefined;
    return new Tally().result();
  }
}

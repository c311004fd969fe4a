import { Caller } from './caller.js';
import type { Counting, LoadOrder, LoadResult } from './load-order.js';
import { Tally } from './tally.js';

/** Simultaneous requests, again and again; a first burst opens the connections and is not counted. */
export async function runBursts(
  order: LoadOrder & { kind: 'burst' },
  tell: (counting: Counting) => void,
): Promise<LoadResult> {
  const { endpoint, requests, bursts } = order;
  const caller = new Caller(endpoint);
  const burst = () => {
    const dueAtMs = performance.now();
    const open = Array.from({ length: requests }, () => caller.ask().ended);
    return Promise.all(open).then((answers) => ({ answers, dueAtMs }));
  };
  await burst();
  tell('begins');
  const tally = new Tally();
  for (let n = 0; n < bursts; n += 1) {
    const { answers, dueAtMs } = await burst();
    for (const answer of answers) tally.count(answer, dueAtMs);
  }
  tell('ends');
  caller.close();
  return tally.result();
}

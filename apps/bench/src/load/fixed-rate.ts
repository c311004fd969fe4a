import { setTimeout as wait } from 'node:timers/promises';
import { Caller } from './caller.js';
import type { Counting, LoadOrder, LoadResult } from './load-order.js';
import { Tally } from './tally.js';

/** Requests at even distances; those of the first half second open the connections and are not counted. */
export async function runFixedRate(
  order: LoadOrder & { kind: 'rate' },
  tell: (counting: Counting) => void,
): Promise<LoadResult> {
  const { endpoint, perSecond, seconds } = order;
  const caller = new Caller(endpoint);
  const tally = new Tally();
  const uncounted = Math.floor(perSecond / 2);
  const beginAtMs = performance.now() + 10;
  const answers: Promise<void>[] = [];
  for (let n = 0; n < uncounted + perSecond * seconds; n += 1) {
    const dueAtMs = beginAtMs + (n * 1_000) / perSecond;
    await until(dueAtMs);
    if (n === uncounted) tell('begins');
    const { ended } = caller.ask();
    answers.push(ended.then((answer) => (n < uncounted ? undefined : tally.count(answer, dueAtMs))));
  }
  await Promise.all(answers);
  tell('ends');
  caller.close();
  return tally.result();
}

async function until(instantMs: number): Promise<void> {
  const remainingMs = instantMs - performance.now();
  if (remainingMs > 0) await wait(remainingMs);
}

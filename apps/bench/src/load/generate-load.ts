/** The load generator: a process of its own, so that what it costs is counted to nobody else. */
import { runBursts } from './burst.js';
import { runFixedRate } from './fixed-rate.js';
import type { Counting, LoadOrder, LoadReply, LoadResult } from './load-order.js';
import { OpenStreams } from './open-streams.js';
import { runSaturation } from './saturation.js';
import { runWrongKeys } from './wrong-keys.js';

const openStreams = new OpenStreams();

function say(reply: LoadReply): void {
  process.send?.(reply);
}

function tell(counting: Counting): void {
  say({ counting });
}

function carryOut(order: LoadOrder): Promise<LoadResult> | LoadResult {
  switch (order.kind) {
    case 'rate':
      return runFixedRate(order, tell);
    case 'burst':
      return runBursts(order, tell);
    case 'saturation':
      return runSaturation(order, tell);
    case 'open-streams':
      return openStreams.open(order);
    case 'close-streams':
      return openStreams.close();
    case 'wrong-keys':
      return runWrongKeys(order);
  }
}

async function replyTo(order: LoadOrder): Promise<LoadReply> {
  try {
    return { result: await carryOut(order) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (order: LoadOrder) => {
  void replyTo(order).then(say);
});
// The bench has ended, however it ended.
process.on('disconnect', () => process.exit(0));

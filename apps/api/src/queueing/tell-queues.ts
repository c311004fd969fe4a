import type { TicketQueues } from '@millrace/adapters/completion-queue';
import type { Redis } from 'ioredis';
import { QueueGatherer, type GatherOptions, type GatheredQueues } from './gather-queues.js';
import { JobDirectory } from './job-directory.js';
import type { JobOwner } from './job-owner.js';
import { queueDemand } from './queue-demand.js';
import { queueParts } from './queue-parts.js';
import { DemandTeller } from './tell-demand.js';
import { PlaceTeller } from './tell-places.js';

export interface QueueTellingOptions extends Omit<GatherOptions, 'ownParts'> {
  redis: Redis;
  jobs: JobOwner;
  tickets: Pick<TicketQueues, 'positions'>;
}

/** Tells everybody who wants to know of this process's queues: other processes that ask, callers, and schedulers. */
export async function tellQueues({ jobs, tickets, ...gathering }: QueueTellingOptions) {
  const { owner, redis, onError } = gathering;
  const queues = new QueueGatherer({ ...gathering, ownParts: () => queueParts(jobs.work(), Date.now()) });
  await queues.start();
  const directory = new JobDirectory(jobs, gathering);
  await directory.start();
  const places = new PlaceTeller({
    jobs: () => jobs.all(),
    positions: (waiting) => tickets.positions(waiting),
    gather: () => queues.gather(),
    nowMs: Date.now,
    onError,
  });
  places.start();
  const demand = new DemandTeller({ owner, redis, demand: () => queueDemand(jobs.work(), Date.now()), onError });
  demand.start();
  return {
    gather: (): Promise<GatheredQueues> => queues.gather(),
    directory,
    async close(): Promise<void> {
      places.stop();
      queues.close();
      directory.close();
      await demand.stop();
    },
  };
}

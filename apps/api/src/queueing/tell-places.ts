import { estimateWaitMs } from '@millrace/domain/queues';
import type { GatheredQueues } from './gather-queues.js';
import type { OwnedJob, PlaceInQueue } from './owned-job.js';

/** How long a caller waits without a word: until then an error can still be an HTTP status. */
const SILENT_MS = 10_000;
/** A caller hears of its place this often. */
const REPEAT_MS = 3_000;
/** How often it is looked for callers who are to hear of their place. */
const LOOK_MS = 1_000;

/** What a ticket is found by. */
type TicketName = { jobId: string; attempt: number; deploymentId: string };

export interface PlaceTellerOptions {
  /** The open jobs of this process. */
  jobs: () => Iterable<OwnedJob>;
  /** The place of each ticket in its queue, 1 is next; undefined for one that does not wait there. */
  positions: (tickets: readonly TicketName[]) => Promise<(number | undefined)[]>;
  gather: () => Promise<GatheredQueues>;
  nowMs: () => number;
  onError: (error: unknown, what: string) => void;
}

/**
 * Tells callers who wait long, and want to hear it, their place in the queue and when it is their turn. All of one look
 * cost one round trip to Redis and one question to the other API processes; without such callers a look costs nothing.
 */
export class PlaceTeller {
  private readonly toldAtMs = new WeakMap<OwnedJob, number>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(private readonly options: PlaceTellerOptions) {}

  start(): void {
    this.timer = setInterval(() => {
      this.look().catch((error: unknown) => {
        this.options.onError(error, 'tell callers their place in the queue');
      });
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Looks once; while an earlier look goes on, nothing happens. */
  async look(): Promise<void> {
    const due = this.looking ? [] : this.dueJobs();
    if (due.length === 0) return;
    this.looking = true;
    try {
      const places = await this.placesOf(due);
      for (const [index, job] of due.entries()) job.listener?.onPlace?.(places[index] ?? {});
    } finally {
      this.looking = false;
    }
  }

  private dueJobs(): OwnedJob[] {
    const nowMs = this.options.nowMs();
    const due: OwnedJob[] = [];
    for (const job of this.options.jobs()) {
      const isSilent = job.firstChunkAtMs === undefined && nowMs - job.acceptedAtMs >= SILENT_MS;
      if (!isSilent || job.listener?.onPlace === undefined) continue;
      if (nowMs - (this.toldAtMs.get(job) ?? -Infinity) < REPEAT_MS) continue;
      this.toldAtMs.set(job, nowMs);
      due.push(job);
    }
    return due;
  }

  /** While Redis is away places are unknown, but callers still hear that they are not forgotten. */
  private async placesOf(jobs: readonly OwnedJob[]): Promise<PlaceInQueue[]> {
    const { positions, gather, onError } = this.options;
    const tickets = jobs.map(({ spec: { jobId, deploymentId }, state }) => {
      return { jobId, deploymentId, attempt: state.attempt };
    });
    try {
      const [found, { queues }] = await Promise.all([positions(tickets), gather()]);
      return jobs.map(({ spec, state }, index): PlaceInQueue => {
        const position = state.phase === 'waiting' ? found[index] : 0;
        const queue = queues.get(spec.deploymentId);
        const etaMs = position === undefined || queue === undefined ? undefined : estimateWaitMs(position, queue);
        return { ...(position !== undefined && { position }), ...(etaMs !== undefined && { etaMs }) };
      });
    } catch (error) {
      onError(error, 'look for places in a queue');
      return [];
    }
  }
}

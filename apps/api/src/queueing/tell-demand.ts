import { DEMAND_CHANNEL, type DemandReport, type QueueDemandPart } from '@millrace/contracts/job-contract';
import type { Redis } from 'ioredis';

/** Half of the second within which schedulers are to know. */
const TELL_MS = 500;

export interface DemandTellerOptions {
  /** Boot id of this process. */
  owner: string;
  redis: Pick<Redis, 'publish'>;
  demand: () => QueueDemandPart[];
  onError: (error: unknown, what: string) => void;
}

/**
 * Tells schedulers twice a second what waits with this process: one message for all deployments, whatever their traffic.
 * Nothing is told while nothing ever came.
 */
export class DemandTeller {
  private timer: NodeJS.Timeout | undefined;
  private isAway = false;

  constructor(private readonly options: DemandTellerOptions) {}

  start(): void {
    this.timer = setInterval(() => void this.tell(this.options.demand()), TELL_MS);
  }

  /** Takes back what was told: the jobs of this process are gone. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.publish([]);
  }

  private async tell(queues: QueueDemandPart[]): Promise<void> {
    if (queues.length > 0) await this.publish(queues);
  }

  /** While Redis is away, schedulers go on by the newest that they know, for a while. */
  private async publish(queues: QueueDemandPart[]): Promise<void> {
    const { owner, redis, onError } = this.options;
    const report: DemandReport = { owner, queues };
    try {
      await redis.publish(DEMAND_CHANNEL, JSON.stringify(report));
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) onError(error, 'tell schedulers what waits; it is told when Redis is back');
      this.isAway = true;
    }
  }
}

import { z } from 'zod';
import { sumQueueParts, type QueuePart, type QueueState } from '@millrace/domain/queues';
import { OwnersAsked, type AskOwnersOptions } from './ask-owners.js';

const counts = z.object({ waiting: z.number(), running: z.number() });
const partsSchema = z.array(
  counts.extend({
    deploymentId: z.string(),
    oldestWaitMs: z.number(),
    tokensPerSecond: z.number(),
    answers: z.number(),
    meanAnswerTokens: z.number(),
    byTenant: z.record(z.string(), counts),
    byBand: z.record(z.string(), counts),
  }),
);

export interface GatherOptions extends Pick<
  AskOwnersOptions<null, QueuePart[]>,
  'owner' | 'redis' | 'subscriber' | 'onError'
> {
  ownParts: () => QueuePart[];
}

/** The queues of all API processes together. */
export interface GatheredQueues {
  /** By deployment; without an entry, nothing waits, runs or was served. */
  queues: ReadonlyMap<string, QueueState>;
  /** Whether every process has answered, and so every job is counted. */
  complete: boolean;
}

/** Adds up the queues of all API processes. */
export class QueueGatherer {
  private readonly owners: OwnersAsked<null, QueuePart[]>;

  constructor({ ownParts, ...options }: GatherOptions) {
    const ownAnswer = () => ownParts();
    this.owners = new OwnersAsked({ ...options, topic: 'queues', question: z.null(), answer: partsSchema, ownAnswer });
  }

  /** Resolves when questions and answers are heard; they are from then on, also after each reconnect. */
  start(): Promise<void> {
    return this.owners.start();
  }

  close(): void {
    this.owners.close();
  }

  /** The queues now. Incomplete while Redis or another process does not answer in time; this process's part is in it. */
  async gather(): Promise<GatheredQueues> {
    const { answers, complete } = await this.owners.ask(null);
    return { queues: sumQueueParts(answers.flat()), complete };
  }
}

import type { Redis } from 'ioredis';
import { z } from 'zod';
import { sumQueueParts, type QueuePart, type QueueState } from '@millrace/domain/queues';
import { newBootId } from '@millrace/platform/ids';

const QUESTIONS = 'mr:queues:question';
/** How long the other API processes may take to answer. */
const ANSWER_WITHIN_MS = 200;

const counts = z.object({ waiting: z.number(), running: z.number() });
const questionSchema = z.object({ id: z.string(), asker: z.string() });
const answerSchema = z.object({
  id: z.string(),
  parts: z.array(
    counts.extend({
      deploymentId: z.string(),
      oldestWaitMs: z.number(),
      tokensPerSecond: z.number(),
      answers: z.number(),
      meanAnswerTokens: z.number(),
      byTenant: z.record(z.string(), counts),
      byBand: z.record(z.string(), counts),
    }),
  ),
});

export interface GatherOptions {
  /** Boot id of this process. */
  owner: string;
  redis: Redis;
  /** A connection that only subscribes. */
  subscriber: Redis;
  ownParts: () => QueuePart[];
  onError: (error: unknown, what: string) => void;
}

/** The queues of all API processes together. */
export interface GatheredQueues {
  /** By deployment; without an entry, nothing waits, runs or was served. */
  queues: ReadonlyMap<string, QueueState>;
  /** Whether every process has answered, and so every job is counted. */
  complete: boolean;
}

/** Answers to one question. */
class Gathering {
  readonly parts: QueuePart[] = [];
  private answers = 0;
  private onAnswer: () => void = () => undefined;

  add(parts: readonly QueuePart[]): void {
    this.parts.push(...parts);
    this.answers += 1;
    this.onAnswer();
  }

  /** Waits for so many answers; false when they do not come in time. */
  async has(answers: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const all = new Promise<true>((resolve) => {
      this.onAnswer = () => {
        if (this.answers >= answers) resolve(true);
      };
      this.onAnswer();
    });
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ANSWER_WITHIN_MS);
    });
    return Promise.race([all, late]).finally(() => clearTimeout(timer));
  }
}

/**
 * Asks all API processes for their parts of the queues when somebody wants to know, over Redis pub/sub, and answers the
 * others. Nothing is kept or counted for it in between, so the request path pays nothing.
 */
export class QueueGatherer {
  private readonly gatherings = new Map<string, Gathering>();
  private readonly onReady: () => void;
  private readonly onMessage: (channel: string, message: string) => void;

  constructor(private readonly options: GatherOptions) {
    const { owner } = options;
    this.onReady = () => void this.subscribe();
    this.onMessage = (channel, message) => {
      if (channel === QUESTIONS) this.answer(message);
      else if (channel === answersTo(owner)) this.takeAnswer(message);
    };
  }

  /** Resolves when questions and answers are heard; they are from then on, also after each reconnect. */
  async start(): Promise<void> {
    const { subscriber } = this.options;
    subscriber.on('message', this.onMessage);
    subscriber.on('ready', this.onReady);
    await this.subscribe();
  }

  close(): void {
    const { subscriber } = this.options;
    subscriber.off('message', this.onMessage);
    subscriber.off('ready', this.onReady);
  }

  /** The queues now. Incomplete while Redis or another process does not answer in time; this process's part is in it. */
  async gather(): Promise<GatheredQueues> {
    const { owner, redis, ownParts, onError } = this.options;
    const id = newBootId();
    const gathering = new Gathering();
    this.gatherings.set(id, gathering);
    try {
      // Every process that hears the question answers, this one too: so all are counted.
      const hearers = await redis.publish(QUESTIONS, JSON.stringify({ id, asker: owner }));
      const complete = await gathering.has(hearers);
      return { queues: sumQueueParts([...ownParts(), ...gathering.parts]), complete };
    } catch (error) {
      onError(error, 'ask the other API processes for their queues');
      return { queues: sumQueueParts(ownParts()), complete: false };
    } finally {
      this.gatherings.delete(id);
    }
  }

  private async subscribe(): Promise<void> {
    const { subscriber, owner, onError } = this.options;
    try {
      await subscriber.subscribe(QUESTIONS, answersTo(owner));
    } catch (error) {
      onError(error, 'listen for questions about queues; the next reconnect tries again');
    }
  }

  private answer(message: string): void {
    const question = questionSchema.safeParse(parseJson(message));
    if (!question.success) return;
    const { id, asker } = question.data;
    if (asker === this.options.owner) {
      this.gatherings.get(id)?.add([]);
      return;
    }
    const answer = JSON.stringify({ id, parts: this.options.ownParts() });
    this.options.redis.publish(answersTo(asker), answer).catch((error: unknown) => {
      this.options.onError(error, 'answer a question about queues');
    });
  }

  private takeAnswer(message: string): void {
    const answer = answerSchema.safeParse(parseJson(message));
    if (answer.success) this.gatherings.get(answer.data.id)?.add(answer.data.parts);
  }
}

function answersTo(owner: string): string {
  return `mr:queues:answer:${owner}`;
}

/** Undefined for what is no JSON: anybody can publish. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

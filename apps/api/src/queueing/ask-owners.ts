import type { Redis } from 'ioredis';
import { z } from 'zod';
import { newBootId } from '@millrace/platform/ids';

/** How long the other API processes may take to answer. */
const ANSWER_WITHIN_MS = 200;

export interface AskOwnersOptions<Question, Answer> {
  /** Names the channels: what is asked about. */
  topic: string;
  question: z.ZodType<Question>;
  answer: z.ZodType<Answer>;
  /** What this process answers. */
  ownAnswer: (question: Question) => Answer;
  /** Boot id of this process. */
  owner: string;
  redis: Redis;
  /** A connection that only subscribes. */
  subscriber: Redis;
  onError: (error: unknown, what: string) => void;
}

/** What the API processes have answered. */
export interface OwnersAnswers<Answer> {
  /** One of each process that has answered in time; this one's is among them. */
  answers: Answer[];
  /** Whether every process has answered. */
  complete: boolean;
}

/** Answers to one question. */
class Gathering<Answer> {
  readonly answers: Answer[] = [];
  private count = 0;
  private onAnswer: () => void = () => undefined;

  add(answers: readonly Answer[]): void {
    this.answers.push(...answers);
    this.count += 1;
    this.onAnswer();
  }

  /** Waits for so many answers; false when they do not come in time. */
  async has(answers: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const all = new Promise<true>((resolve) => {
      this.onAnswer = () => {
        if (this.count >= answers) resolve(true);
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
 * Asks all API processes about what only they know when somebody wants to know, over Redis pub/sub, and answers the
 * others. Nothing is kept or counted for it in between, so the request path pays nothing.
 */
export class OwnersAsked<Question, Answer> {
  private readonly gatherings = new Map<string, Gathering<Answer>>();
  private readonly questions: string;
  private readonly answersHere: string;
  private readonly asked;
  private readonly answered;
  private readonly onReady = () => void this.subscribe();
  private readonly onMessage = (channel: string, message: string) => {
    if (channel === this.questions) this.answer(message);
    else if (channel === this.answersHere) this.takeAnswer(message);
  };

  constructor(private readonly options: AskOwnersOptions<Question, Answer>) {
    this.questions = `mr:${options.topic}:question`;
    this.answersHere = this.answersTo(options.owner);
    this.asked = z.object({ id: z.string(), asker: z.string(), question: options.question });
    this.answered = z.object({ id: z.string(), answer: options.answer });
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

  /** Incomplete while Redis or another process does not answer in time; this process's own answer is always in it. */
  async ask(question: Question): Promise<OwnersAnswers<Answer>> {
    const { owner, redis, ownAnswer, topic, onError } = this.options;
    const id = newBootId();
    const gathering = new Gathering<Answer>();
    this.gatherings.set(id, gathering);
    try {
      // Every process that hears the question answers, this one too: so all are counted.
      const hearers = await redis.publish(this.questions, JSON.stringify({ id, asker: owner, question }));
      const complete = await gathering.has(hearers);
      return { answers: [ownAnswer(question), ...gathering.answers], complete };
    } catch (error) {
      onError(error, `ask the other API processes for their ${topic}`);
      return { answers: [ownAnswer(question)], complete: false };
    } finally {
      this.gatherings.delete(id);
    }
  }

  private async subscribe(): Promise<void> {
    const { subscriber, topic, onError } = this.options;
    try {
      await subscriber.subscribe(this.questions, this.answersHere);
    } catch (error) {
      onError(error, `listen for questions about ${topic}; the next reconnect tries again`);
    }
  }

  private answer(message: string): void {
    const heard = this.asked.safeParse(parseJson(message));
    if (!heard.success) return;
    const { id, asker, question } = heard.data;
    const { owner, redis, ownAnswer, topic, onError } = this.options;
    if (asker === owner) {
      this.gatherings.get(id)?.add([]);
      return;
    }
    const text = JSON.stringify({ id, answer: ownAnswer(question) });
    redis.publish(this.answersTo(asker), text).catch((error: unknown) => {
      onError(error, `answer a question about ${topic}`);
    });
  }

  private takeAnswer(message: string): void {
    const heard = this.answered.safeParse(parseJson(message));
    if (heard.success) this.gatherings.get(heard.data.id)?.add([heard.data.answer]);
  }

  private answersTo(owner: string): string {
    return `mr:${this.options.topic}:answer:${owner}`;
  }
}

/** Undefined for what is no JSON: anybody can publish. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

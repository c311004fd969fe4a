import { ArrivalRates } from './arrival-rates.js';
import type { JobEnd } from './owned-job.js';

/** Seconds that the rate is measured over, the one that runs included. */
const WINDOW_SECONDS = 10;
/** Answers that the mean length rests on; later ones count no more than that many. */
const REMEMBERED_ANSWERS = 32;

/** How fast one deployment serves this process, and how long its answers are. */
class ServiceRate {
  answers = 0;
  meanAnswerTokens = 0;
  slotTokensPerSecond = 0;
  /** Delivered tokens by second, each in the place of the second that left the window. */
  private readonly tokens = new Array<number>(WINDOW_SECONDS).fill(0);
  private readonly seconds = new Array<number>(WINDOW_SECONDS).fill(0);

  deliver(tokens: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    const place = second % WINDOW_SECONDS;
    const soFar = this.seconds[place] === second ? (this.tokens[place] ?? 0) : 0;
    this.seconds[place] = second;
    this.tokens[place] = soFar + tokens;
  }

  complete({ usage: { promptTokens, completionTokens }, queueMs, totalMs }: CompletedAnswer): void {
    const slotMs = totalMs - queueMs;
    this.answers = Math.min(this.answers + 1, REMEMBERED_ANSWERS);
    this.meanAnswerTokens += (completionTokens - this.meanAnswerTokens) / this.answers;
    const speed = ((promptTokens + completionTokens) * 1_000) / Math.max(1, slotMs);
    this.slotTokensPerSecond += (speed - this.slotTokensPerSecond) / this.answers;
  }

  tokensPerSecond(nowMs: number): number {
    const first = Math.floor(nowMs / 1_000) - WINDOW_SECONDS;
    const tokens = this.tokens.reduce((sum, count, place) => sum + ((this.seconds[place] ?? 0) > first ? count : 0), 0);
    return tokens / (WINDOW_SECONDS - 1 + (nowMs % 1_000) / 1_000);
  }
}

/** An answer that came to its own end. */
type CompletedAnswer = Pick<JobEnd, 'usage' | 'queueMs' | 'totalMs'>;

/** What is known of the service of one deployment. */
export interface MeasuredService {
  tokensPerSecond: number;
  answers: number;
  meanAnswerTokens: number;
  /** Tokens of prompt and answer that a slot serves in a second, as the others that it shares a replica with let it. */
  slotTokensPerSecond: number;
}

/** Measures the service of each deployment; costs an addition per chunk. Fed by the JobOwner only. */
export class ServiceRates {
  readonly arrivals = new ArrivalRates();
  private readonly rates = new Map<string, ServiceRate>();

  deliver(deploymentId: string, tokens: number, nowMs: number): void {
    this.rateOf(deploymentId).deliver(tokens, nowMs);
  }

  complete(deploymentId: string, answer: CompletedAnswer): void {
    this.rateOf(deploymentId).complete(answer);
  }

  /** Deployments that were served at all, with their service. */
  measure(nowMs: number): Map<string, MeasuredService> {
    return new Map(
      [...this.rates].map(([deploymentId, rate]) => {
        const { answers, meanAnswerTokens, slotTokensPerSecond } = rate;
        const tokensPerSecond = rate.tokensPerSecond(nowMs);
        return [deploymentId, { tokensPerSecond, answers, meanAnswerTokens, slotTokensPerSecond }];
      }),
    );
  }

  private rateOf(deploymentId: string): ServiceRate {
    const known = this.rates.get(deploymentId);
    if (known !== undefined) return known;
    const rate = new ServiceRate();
    this.rates.set(deploymentId, rate);
    return rate;
  }
}

import type { SimulatedRequest } from './workload.js';

/** The requests that no replica has taken, first in, first out for each model. Owns the queues. */
export class WaitingRequests {
  private readonly queues: number[][];
  /** Handed over by replicas that ended, the next one last. */
  private readonly returned: { index: number; sinceSeconds: number }[][];
  private readonly heads: number[];
  private readonly tokens: number[];

  constructor(
    private readonly requests: readonly SimulatedRequest[],
    models: number,
  ) {
    this.queues = Array.from({ length: models }, () => []);
    this.returned = Array.from({ length: models }, () => []);
    this.heads = Array<number>(models).fill(0);
    this.tokens = Array<number>(models).fill(0);
  }

  get isAny(): boolean {
    return this.tokens.some((tokens) => tokens > 0);
  }

  add(index: number): void {
    const { model } = this.request(index);
    this.queues[model]?.push(index);
    this.count(index, 1);
  }

  /** Puts one back before all others of its model: it has begun, and expires no more. */
  putBack(index: number, nowSeconds: number): void {
    this.returned[this.request(index).model]?.push({ index, sinceSeconds: nowSeconds });
    this.count(index, 1);
  }

  /** The next one of the model, or undefined. */
  first(model: number): number | undefined {
    return this.returned[model]?.at(-1)?.index ?? this.firstNew(model);
  }

  shift(model: number): void {
    const index = this.returned[model]?.pop()?.index ?? this.firstNew(model);
    if (index === undefined) return;
    if (index === this.firstNew(model)) this.heads[model] = (this.heads[model] ?? 0) + 1;
    this.count(index, -1);
  }

  jobs(model: number): number {
    const queued = (this.queues[model]?.length ?? 0) - (this.heads[model] ?? 0);
    return queued + (this.returned[model]?.length ?? 0);
  }

  /** The first of the model that no replica has taken and that came so long ago. */
  expired(model: number, afterSeconds: number, nowSeconds: number): number | undefined {
    const index = this.firstNew(model);
    if (index === undefined || this.request(index).atSeconds + afterSeconds > nowSeconds) return undefined;
    this.heads[model] = (this.heads[model] ?? 0) + 1;
    this.count(index, -1);
    return index;
  }

  waitingTokens(model: number): number {
    return this.tokens[model] ?? 0;
  }

  /** Of those that no replica has taken, since they came; of others, since they were put back. */
  oldestWaitSeconds(model: number, nowSeconds: number): number {
    const index = this.firstNew(model);
    const newSeconds = index === undefined ? nowSeconds : this.request(index).atSeconds;
    const returned = this.returned[model] ?? [];
    return nowSeconds - returned.reduce((least, { sinceSeconds }) => Math.min(least, sinceSeconds), newSeconds);
  }

  /** When the oldest of all expires. */
  expiresAtSeconds(afterSeconds: number): number {
    let least = Infinity;
    for (let model = 0; model < this.queues.length; model += 1) {
      const index = this.firstNew(model);
      if (index !== undefined) least = Math.min(least, this.request(index).atSeconds + afterSeconds);
    }
    return least;
  }

  private firstNew(model: number): number | undefined {
    return this.queues[model]?.[this.heads[model] ?? 0];
  }

  private request(index: number): SimulatedRequest {
    const request = this.requests[index];
    if (request === undefined) throw new Error(`There is no request ${index}.`);
    return request;
  }

  private count(index: number, sign: 1 | -1): void {
    const { model, contextTokens, generatedTokens } = this.request(index);
    this.tokens[model] = (this.tokens[model] ?? 0) + sign * (contextTokens + generatedTokens);
  }
}

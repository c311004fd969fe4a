import type { Limits } from './scenario.js';
import type { SimulatedRequest } from './workload.js';

/** How one request ended: served, or expired while it waited. */
export interface RequestEnd {
  outcome: 'served' | 'expired';
  /** Until a replica took it, or it expired. */
  waitSeconds: number;
  /** Infinity when it never had any. */
  ttftSeconds: number;
  /** Of each token after the first, on average. */
  tokenSeconds: number;
  /** Within both limits. */
  isGood: boolean;
}

/** What happened to each request. Owns the records; a request ends once. */
export class RequestLog {
  readonly ends: (RequestEnd | undefined)[];
  private readonly takenAt: Float64Array;
  private readonly firstTokenAt: Float64Array;
  private open: number;

  constructor(
    private readonly requests: readonly SimulatedRequest[],
    private readonly limits: Limits,
  ) {
    this.ends = Array<RequestEnd | undefined>(requests.length).fill(undefined);
    this.takenAt = new Float64Array(requests.length);
    this.firstTokenAt = new Float64Array(requests.length);
    this.open = requests.length;
  }

  /** Whether any request has not ended yet. */
  get isOpen(): boolean {
    return this.open > 0;
  }

  taken(index: number, nowSeconds: number): void {
    if (this.takenAt[index] === 0) this.takenAt[index] = nowSeconds;
  }

  firstToken(index: number, nowSeconds: number): void {
    if (this.firstTokenAt[index] === 0) this.firstTokenAt[index] = nowSeconds;
  }

  finished(index: number, nowSeconds: number): void {
    const { atSeconds, generatedTokens } = this.request(index);
    const firstAt = this.firstTokenAt[index] ?? nowSeconds;
    const ttftSeconds = firstAt - atSeconds;
    const tokenSeconds = generatedTokens > 1 ? (nowSeconds - firstAt) / (generatedTokens - 1) : 0;
    const isGood = ttftSeconds <= this.limits.ttftSeconds && tokenSeconds <= this.limits.tokenSeconds;
    const waitSeconds = (this.takenAt[index] ?? nowSeconds) - atSeconds;
    this.end(index, { outcome: 'served', waitSeconds, ttftSeconds, tokenSeconds, isGood });
  }

  expired(index: number, nowSeconds: number): void {
    const waitSeconds = nowSeconds - this.request(index).atSeconds;
    const never = { ttftSeconds: Infinity, tokenSeconds: Infinity, isGood: false };
    this.end(index, { outcome: 'expired', waitSeconds, ...never });
  }

  private end(index: number, end: RequestEnd): void {
    if (this.ends[index] !== undefined) throw new Error(`Request ${index} ended twice.`);
    this.ends[index] = end;
    this.open -= 1;
  }

  private request(index: number): SimulatedRequest {
    const request = this.requests[index];
    if (request === undefined) throw new Error(`There is no request ${index}.`);
    return request;
  }
}

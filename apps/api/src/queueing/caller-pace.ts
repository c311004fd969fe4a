/** Tokens of one answer that may be on their way to a caller who does not read; half of it is given back at a time. */
export const CREDIT_TOKENS = 256;

/**
 * Whether the caller of one job reads as fast as its answer comes, and what its runner may send therefore.
 * Changed by the JobOwner only.
 */
export class CallerPace {
  private uncreditedTokens = 0;
  private fellBehindAtMs: number | undefined;

  /** Undefined while the caller keeps up. */
  get behindSinceMs(): number | undefined {
    return this.fellBehindAtMs;
  }

  /** Another attempt begins, with full credit. */
  restart(): void {
    this.uncreditedTokens = 0;
  }

  deliver(tokens: number): void {
    this.uncreditedTokens += tokens;
  }

  fallBehind(nowMs: number): void {
    this.fellBehindAtMs ??= nowMs;
  }

  catchUp(): void {
    this.fellBehindAtMs = undefined;
  }

  /** Takes the credit that the runner is to get now; 0 for none. */
  takeCredit(): number {
    const tokens = this.uncreditedTokens;
    if (this.fellBehindAtMs !== undefined || tokens < CREDIT_TOKENS / 2) return 0;
    this.uncreditedTokens = 0;
    return tokens;
  }
}

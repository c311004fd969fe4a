/** How the claim of a taken ticket was answered; `no_link` and `link_lost`: its owner could not be asked. */
export type ClaimResult = 'assign' | 'gone' | 'retry' | 'repeated' | 'no_link' | 'link_lost';

/** Hears of the tickets and attempts of a runner: once a take, once a claim, once an attempt. */
export interface AttemptObserver {
  took(): void;
  claimed(result: ClaimResult): void;
  /** `outcome` is the finish reason or the code of the failure. */
  ended(outcome: string, usage: { completionTokens: number } | undefined): void;
}

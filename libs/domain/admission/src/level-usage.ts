/** What a level has used of its limits at one instant, and when it will have room again if nothing else comes. */
export interface LevelUsage {
  /** Of the last minute. */
  requests: number;
  /** Of the last minute, held or used. */
  tokens: number;
  /** Requests under way. */
  concurrent: number;
  /** Of this month, held or used; 0 where no quota is set. */
  monthTokens: number;
  /** Until the request that was asked about has room among the requests a minute; 0 where it has. */
  requestsWaitMs: number;
  /** As requestsWaitMs, for the tokens a minute. */
  tokensWaitMs: number;
  /** Until nothing counts against the requests a minute. */
  requestsResetMs: number;
  /** Until nothing counts against the tokens a minute. */
  tokensResetMs: number;
}

/** Where a workload goes. */
export interface Endpoint {
  host: string;
  port: number;
  headers: Readonly<Record<string, string>>;
  /** JSON of the chat completion that every request asks for. */
  body: string;
  /** API keys that requests use in turn, instead of the one in the headers. */
  keys?: readonly string[];
}

/** What the bench asks of the load generator; one order at a time. */
export type LoadOrder =
  /** Open loop: requests leave when they are due, however many are still open. */
  | { kind: 'rate'; endpoint: Endpoint; perSecond: number; seconds: number }
  /** So many requests at one instant on connections that are open; `bursts` of them, each when the last has ended. */
  | { kind: 'burst'; endpoint: Endpoint; requests: number; bursts: number }
  /** Closed loop: each connection asks again as soon as it has its answer. */
  | { kind: 'saturation'; endpoint: Endpoint; connections: number; seconds: number }
  /** Opens streams, waits until each has its first token, and leaves them open. */
  | { kind: 'open-streams'; endpoint: Endpoint; streams: number; perSecond: number }
  | { kind: 'close-streams' }
  /** Open loop of requests, each with another key that does not exist; `complete` are those that were refused with 401. */
  | { kind: 'wrong-keys'; endpoint: Endpoint; perSecond: number; seconds: number };

/** Milliseconds. */
export interface Spread {
  p50: number;
  p99: number;
  max: number;
}

export interface LoadResult {
  /** Answers with every part of a stream up to `[DONE]`. */
  complete: number;
  /** Answers that failed or ended early, and how the first of them went wrong. */
  broken: number;
  problem?: string;
  seconds: number;
  /** From the instant a request was due to its first content; of saturation, the whole answer. */
  latencyMs: Spread;
}

/** When the answers that are counted begin and end: what the processes take in between is theirs. */
export type Counting = 'begins' | 'ends';

/** What the load generator says to an order: two times `counting` for one that counts, then how it went. */
export type LoadReply = { counting: Counting } | { result: LoadResult } | { error: string };
